<?php
// A backend on PHP's built-in server for the proxy's kit: writes down what it
// sees and answers as it is told. What a backend is asked for is in
// ../README.md. Run as: php -S 127.0.0.1:PORT backend.php

declare(strict_types=1);

/** PHP joins repeated headers with commas. */
function seen(): array
{
    $body = file_get_contents('php://input');
    $headers = [];
    foreach (getallheaders() as $name => $value) {
        $headers[] = [(string) $name, $value];
    }
    return [
        'method' => $_SERVER['REQUEST_METHOD'], 'target' => $_SERVER['REQUEST_URI'],
        'version' => $_SERVER['SERVER_PROTOCOL'], 'headers' => $headers,
        'length' => strlen($body), 'sha256' => hash('sha256', $body),
        'body' => base64_encode(substr($body, 0, 4096)), 'port' => (int) $_SERVER['REMOTE_PORT'],
    ];
}

/** Of a cut answer there is only the first half. */
function tell(array $told): void
{
    sleep($told['seconds'] ?? 0);
    $body = base64_decode($told['body'], true);
    http_response_code($told['status']);
    header_remove();
    ini_set('default_mimetype', '');
    foreach ($told['headers'] as [$name, $value]) {
        header("$name: $value", false);
    }
    echo $told['way'] === 'cut' ? substr($body, 0, intdiv(strlen($body), 2)) : $body;
}

$line = json_encode(seen(), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES) . "\n";
file_put_contents(getenv('SEEN'), $line, FILE_APPEND | LOCK_EX);
$path = explode('?', $_SERVER['REQUEST_URI'])[0];
if (str_contains($path, '/answer/')) {
    $answers = json_decode(file_get_contents(getenv('ANSWERS')), true, flags: JSON_THROW_ON_ERROR);
    tell($answers[basename($path)]);
} else {
    header('Content-Type: application/json');
    echo $line;
}
