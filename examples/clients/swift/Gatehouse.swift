// The session of an iPhone app, with URLSession.
//
//     let gatehouse = Gatehouse(url: URL(string: "https://api.example.com/prod")!, client: "ios")
//     try await gatehouse.signIn(name: name, password: password)
//     let (data, answer) = try await gatehouse.call(URLRequest(url: notes))

import Foundation

struct Tokens: Codable, Sendable {
    let accessToken: String
    let refreshToken: String
}

struct Refusal: Error, Codable {
    let error: String // invalid_grant: a wrong name or password, or a session that is over; slow_down: too many tries
    let errorDescription: String?
}

/// An app is a public client, which has no secret: what is shipped in it is known to all.
actor Gatehouse {
    private let url: URL
    private let client: String
    private var tokens: Tokens? // keep them in the keychain: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
    private var refreshing: Task<Tokens, any Error>?

    init(url: URL, client: String, tokens: Tokens? = nil) {
        (self.url, self.client, self.tokens) = (url, client, tokens)
    }

    func signIn(name: String, password: String) async throws {
        tokens = try await grant(["grant_type": "password", "username": name, "password": password])
    }

    /// Sends a request to your API, and to nobody else, with the token; and once more where a refresh helps.
    func call(_ request: URLRequest) async throws -> (Data, HTTPURLResponse) {
        guard let current = tokens else { throw Refusal(error: "invalid_grant", errorDescription: "nobody is signed in") }
        let first = try await send(request, current.accessToken)
        guard first.1.statusCode == 401 else { return first }
        return try await send(request, refreshed(since: current).accessToken)
    }

    /// Ends the session; without a network it ends on this phone alone.
    func signOut() async throws {
        guard let ended = tokens else { return }
        tokens = nil
        _ = try await post("oauth/revoke", ["token": ended.refreshToken])
    }

    /// Calls that find their token run out at the same time share one refresh.
    private func refreshed(since used: Tokens) async throws -> Tokens {
        if let tokens, tokens.accessToken != used.accessToken { return tokens }
        if let refreshing { return try await refreshing.value }
        let task = Task { try await refresh(used) }
        refreshing = task
        return try await task.value
    }

    /// Meanwhile the user may have signed out, or somebody else in.
    private func refresh(_ used: Tokens) async throws -> Tokens {
        defer { refreshing = nil }
        do {
            let renewed = try await grant(["grant_type": "refresh_token", "refresh_token": used.refreshToken])
            if tokens?.refreshToken == used.refreshToken { tokens = renewed }
            return renewed
        } catch let refusal as Refusal where refusal.error == "invalid_grant" {
            if tokens?.refreshToken == used.refreshToken { tokens = nil } // the session is over: show the sign-in
            throw refusal
        }
    }

    private func send(_ request: URLRequest, _ token: String) async throws -> (Data, HTTPURLResponse) {
        var request = request
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        let (data, answer) = try await URLSession.shared.data(for: request)
        return (data, answer as! HTTPURLResponse) // of an http URL it is one
    }

    private func grant(_ form: [String: String]) async throws -> Tokens {
        let (data, answer) = try await post("oauth/token", form)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard answer.statusCode == 200 else { throw try decoder.decode(Refusal.self, from: data) }
        return try decoder.decode(Tokens.self, from: data)
    }

    private func post(_ path: String, _ form: [String: String]) async throws -> (Data, HTTPURLResponse) {
        var request = URLRequest(url: url.appendingPathComponent(path))
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        // URLComponents would leave a plus as it is, which a form reads as a space.
        let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        request.httpBody = Data(form.merging(["client_id": client]) { own, _ in own }
            .map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: unreserved)!)" }.joined(separator: "&").utf8)
        let (data, answer) = try await URLSession.shared.data(for: request)
        return (data, answer as! HTTPURLResponse)
    }
}
