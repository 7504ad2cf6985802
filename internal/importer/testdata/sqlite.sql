PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE oauth_nonces (
	nonce_key VARCHAR(50) NOT NULL, 
	nonce_app_id INTEGER, 
	created INTEGER, 
	PRIMARY KEY (nonce_key)
);
INSERT INTO oauth_nonces VALUES('abc',1,1380000000);
CREATE TABLE oauth_apps (
	app_id INTEGER NOT NULL, 
	app_name VARCHAR(50), 
	app_desc VARCHAR(255), 
	app_platform VARCHAR(50), 
	app_url VARCHAR(255), 
	created INTEGER, 
	PRIMARY KEY (app_id), 
	UNIQUE (app_name)
);
INSERT INTO oauth_apps VALUES(1,'Phone app','It''s ; our (app)','ios','http://example.com',1379000000);
INSERT INTO oauth_apps VALUES(2,'Tablet ''app''','semi;colon\back','android','http://example.com/t',1379000001);
CREATE TABLE oauth_consumer_tokens (
	app_id INTEGER NOT NULL, 
	cons_key VARCHAR(50), 
	cons_sec VARCHAR(50), 
	created INTEGER, 
	PRIMARY KEY (app_id), 
	UNIQUE (cons_key), 
	UNIQUE (cons_sec)
);
INSERT INTO oauth_consumer_tokens VALUES(1,'Xv7cK2mQ9sLw4TzYb8NfRj3HdP6gUa1EoViB5xSt','Nf3bW8qZ1rTk6YpLs0XcVm4JhGd7UeAoIi2RyEwQ',1379000000);
INSERT INTO oauth_consumer_tokens VALUES(2,'aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3A','B3z2y1x0wV9u8T7s6R5q4P3o2N1m0L9k8J7i6H5g',1379000001);
CREATE TABLE oauth_user_tokens (
	app_id INTEGER, 
	user_id VARCHAR(20), 
	user_key VARCHAR(50) NOT NULL, 
	user_sec VARCHAR(50), 
	created INTEGER, 
	PRIMARY KEY (user_key), 
	UNIQUE (user_sec)
);
INSERT INTO oauth_user_tokens VALUES(1,'42','Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV','b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX',1380000000);
INSERT INTO oauth_user_tokens VALUES(2,'43','k9Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey1','z1Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey2',1380000001);
COMMIT;
