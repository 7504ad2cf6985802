--
-- PostgreSQL database dump
--

\restrict YmtCNbPMpRTtvVLwRlnB4VgvQgcl33itwJhj7qYMzQFBNSP3mrd2dNppuptRfhV

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: oauth_apps; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.oauth_apps (
    app_id integer NOT NULL,
    app_name character varying(50),
    app_desc character varying(255),
    app_platform character varying(50),
    app_url character varying(255),
    created integer
);


ALTER TABLE public.oauth_apps OWNER TO postgres;

--
-- Name: oauth_consumer_tokens; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.oauth_consumer_tokens (
    app_id integer NOT NULL,
    cons_key character varying(50),
    cons_sec character varying(50),
    created integer
);


ALTER TABLE public.oauth_consumer_tokens OWNER TO postgres;

--
-- Name: oauth_nonces; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.oauth_nonces (
    nonce_key character varying(50) NOT NULL,
    nonce_app_id integer,
    created integer
);


ALTER TABLE public.oauth_nonces OWNER TO postgres;

--
-- Name: oauth_user_tokens; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.oauth_user_tokens (
    app_id integer,
    user_id character varying(20),
    user_key character varying(50) NOT NULL,
    user_sec character varying(50),
    created integer
);


ALTER TABLE public.oauth_user_tokens OWNER TO postgres;

--
-- Data for Name: oauth_apps; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.oauth_apps VALUES (1, 'Phone app', 'It''s ; our (app)', 'ios', 'http://example.com', 1379000000);
INSERT INTO public.oauth_apps VALUES (2, 'Tablet ''app''', 'semi;colon\back', 'android', 'http://example.com/t', 1379000001);
INSERT INTO public.oauth_apps VALUES (3, 'Tab	and
line', NULL, 'x\y', '', 1);


--
-- Data for Name: oauth_consumer_tokens; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.oauth_consumer_tokens VALUES (1, 'Xv7cK2mQ9sLw4TzYb8NfRj3HdP6gUa1EoViB5xSt', 'Nf3bW8qZ1rTk6YpLs0XcVm4JhGd7UeAoIi2RyEwQ', 1379000000);
INSERT INTO public.oauth_consumer_tokens VALUES (2, 'aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3A', 'B3z2y1x0wV9u8T7s6R5q4P3o2N1m0L9k8J7i6H5g', 1379000001);
INSERT INTO public.oauth_consumer_tokens VALUES (3, 'third', 'third-secret', 1);


--
-- Data for Name: oauth_nonces; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.oauth_nonces VALUES ('abc', 1, 1380000000);


--
-- Data for Name: oauth_user_tokens; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.oauth_user_tokens VALUES (1, '42', 'Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV', 'b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX', 1380000000);
INSERT INTO public.oauth_user_tokens VALUES (2, '43', 'k9Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey1', 'z1Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey2', 1380000001);


--
-- Name: oauth_apps oauth_apps_app_name_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_apps
    ADD CONSTRAINT oauth_apps_app_name_key UNIQUE (app_name);


--
-- Name: oauth_apps oauth_apps_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_apps
    ADD CONSTRAINT oauth_apps_pkey PRIMARY KEY (app_id);


--
-- Name: oauth_consumer_tokens oauth_consumer_tokens_cons_key_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_consumer_tokens
    ADD CONSTRAINT oauth_consumer_tokens_cons_key_key UNIQUE (cons_key);


--
-- Name: oauth_consumer_tokens oauth_consumer_tokens_cons_sec_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_consumer_tokens
    ADD CONSTRAINT oauth_consumer_tokens_cons_sec_key UNIQUE (cons_sec);


--
-- Name: oauth_consumer_tokens oauth_consumer_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_consumer_tokens
    ADD CONSTRAINT oauth_consumer_tokens_pkey PRIMARY KEY (app_id);


--
-- Name: oauth_nonces oauth_nonces_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_nonces
    ADD CONSTRAINT oauth_nonces_pkey PRIMARY KEY (nonce_key);


--
-- Name: oauth_user_tokens oauth_user_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_user_tokens
    ADD CONSTRAINT oauth_user_tokens_pkey PRIMARY KEY (user_key);


--
-- Name: oauth_user_tokens oauth_user_tokens_user_sec_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.oauth_user_tokens
    ADD CONSTRAINT oauth_user_tokens_user_sec_key UNIQUE (user_sec);


--
-- PostgreSQL database dump complete
--

\unrestrict YmtCNbPMpRTtvVLwRlnB4VgvQgcl33itwJhj7qYMzQFBNSP3mrd2dNppuptRfhV

