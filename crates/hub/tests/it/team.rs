//! A server with a hub, and its members.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use tidemark_hub::{DatabaseUrl, Hub, Invitation, NewHub, Problem, Role, init, join, new_password};
use tidemark_postgres::Connection;

use crate::postgres::{PASSWORD, Postgres};

/// The password of the hub's owner.
pub const OWNERS: &str = "lin's own = \"pass\"";

pub struct Team {
    pub server: Postgres,
    pub database: String,
}

/// Someone who can connect to the hub.
pub struct Person {
    pub url: DatabaseUrl,
    pub password: SecretString,
}

impl Person {
    pub async fn hub(&self) -> Hub {
        Hub::open(&self.url, Some(&self.password)).await.unwrap()
    }

    /// A connection on which any SQL can be tried.
    pub async fn raw(&self) -> Connection {
        tidemark_postgres::open(&self.url, Some(&self.password))
            .await
            .map_err(|error| error.to_string())
            .unwrap()
    }
}

pub fn now() -> DateTime<Utc> {
    Utc::now()
}

pub fn new_hub() -> NewHub {
    NewHub { owner: "Lin".to_owned(), zone: "Asia/Shanghai".to_owned() }
}

impl Team {
    /// A server with a database of `lin`, who may make roles and is no superuser, and no hub yet.
    pub fn empty() -> Self {
        let server = Postgres::start();
        let password = OWNERS.replace('\'', "''");
        server.sql("postgres", &format!("CREATE ROLE lin LOGIN CREATEROLE PASSWORD '{password}'"));
        server.sql("postgres", "CREATE DATABASE team OWNER lin");
        Self { server, database: "team".to_owned() }
    }

    pub async fn with_hub() -> Self {
        let team = Self::empty();
        team.make().await.unwrap();
        team
    }

    pub async fn make(&self) -> Result<Hub, Problem> {
        let owner = self.owner();
        init(&owner.url, Some(&owner.password), &new_hub()).await
    }

    pub fn url(&self, user: &str) -> DatabaseUrl {
        format!("postgres://{user}@127.0.0.1:{}/{}", self.server.port, self.database).parse().unwrap()
    }

    pub fn owner(&self) -> Person {
        Person { url: self.url("lin"), password: SecretString::from(OWNERS) }
    }

    /// The server's own administrator.
    pub fn administrator(&self) -> Person {
        Person { url: self.url("owner"), password: SecretString::from(PASSWORD) }
    }

    pub fn sql(&self, sql: &str) {
        self.server.sql(&self.database, sql);
    }

    pub async fn invite(&self, role: Role) -> Invitation {
        let invitation = self.owner().hub().await.invite(role, 24, now()).await.unwrap();
        // As it is handed on.
        invitation.to_text().expose_secret().parse().unwrap()
    }

    pub async fn joins(&self, name: &str, role: Role) -> Person {
        let invitation = self.invite(role).await;
        let password = new_password();
        join(&invitation, name, &password, now()).await.unwrap();
        Person { url: invitation.url, password }
    }

    /// What the server has written down.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.server.folder().join("log")).unwrap()
    }
}
