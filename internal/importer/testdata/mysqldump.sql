/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: oauth
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `oauth_apps`
--

DROP TABLE IF EXISTS `oauth_apps`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `oauth_apps` (
  `app_id` int(11) NOT NULL,
  `app_name` varchar(50) DEFAULT NULL,
  `app_desc` varchar(255) DEFAULT NULL,
  `app_platform` varchar(50) DEFAULT NULL,
  `app_url` varchar(255) DEFAULT NULL,
  `created` int(11) DEFAULT NULL,
  PRIMARY KEY (`app_id`),
  UNIQUE KEY `app_name` (`app_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `oauth_apps`
--

LOCK TABLES `oauth_apps` WRITE;
/*!40000 ALTER TABLE `oauth_apps` DISABLE KEYS */;
INSERT INTO `oauth_apps` VALUES
(1,'Phone app','It\'s ; our (app)','ios','http://example.com',1379000000),
(2,'Tablet \'app\'','semi;colon\\back','android','http://example.com/t',1379000001),
(3,'Tab	and\nline',NULL,'x\\y','',1);
/*!40000 ALTER TABLE `oauth_apps` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `oauth_consumer_tokens`
--

DROP TABLE IF EXISTS `oauth_consumer_tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `oauth_consumer_tokens` (
  `app_id` int(11) NOT NULL,
  `cons_key` varchar(50) DEFAULT NULL,
  `cons_sec` varchar(50) DEFAULT NULL,
  `created` int(11) DEFAULT NULL,
  PRIMARY KEY (`app_id`),
  UNIQUE KEY `cons_key` (`cons_key`),
  UNIQUE KEY `cons_sec` (`cons_sec`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `oauth_consumer_tokens`
--

LOCK TABLES `oauth_consumer_tokens` WRITE;
/*!40000 ALTER TABLE `oauth_consumer_tokens` DISABLE KEYS */;
INSERT INTO `oauth_consumer_tokens` VALUES
(1,'Xv7cK2mQ9sLw4TzYb8NfRj3HdP6gUa1EoViB5xSt','Nf3bW8qZ1rTk6YpLs0XcVm4JhGd7UeAoIi2RyEwQ',1379000000),
(2,'aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3A','B3z2y1x0wV9u8T7s6R5q4P3o2N1m0L9k8J7i6H5g',1379000001),
(3,'third','third-secret',1);
/*!40000 ALTER TABLE `oauth_consumer_tokens` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `oauth_nonces`
--

DROP TABLE IF EXISTS `oauth_nonces`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `oauth_nonces` (
  `nonce_key` varchar(50) NOT NULL,
  `nonce_app_id` int(11) DEFAULT NULL,
  `created` int(11) DEFAULT NULL,
  PRIMARY KEY (`nonce_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `oauth_nonces`
--

LOCK TABLES `oauth_nonces` WRITE;
/*!40000 ALTER TABLE `oauth_nonces` DISABLE KEYS */;
INSERT INTO `oauth_nonces` VALUES
('abc',1,1380000000);
/*!40000 ALTER TABLE `oauth_nonces` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `oauth_user_tokens`
--

DROP TABLE IF EXISTS `oauth_user_tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `oauth_user_tokens` (
  `app_id` int(11) DEFAULT NULL,
  `user_id` varchar(20) DEFAULT NULL,
  `user_key` varchar(50) NOT NULL,
  `user_sec` varchar(50) DEFAULT NULL,
  `created` int(11) DEFAULT NULL,
  PRIMARY KEY (`user_key`),
  UNIQUE KEY `user_sec` (`user_sec`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `oauth_user_tokens`
--

LOCK TABLES `oauth_user_tokens` WRITE;
/*!40000 ALTER TABLE `oauth_user_tokens` DISABLE KEYS */;
INSERT INTO `oauth_user_tokens` VALUES
(2,'43','k9Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey1','z1Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2Ey2',1380000001),
(1,'42','Ue0vN3gQ8cT5sXyLr4Kd1BwHjPzAf2MiEoG7tRqV','b6Wc1mJtYp9Zx0nQeS3Lh8DgUa5KvRf4TiOw2EyX',1380000000);
/*!40000 ALTER TABLE `oauth_user_tokens` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-21 16:34:56
