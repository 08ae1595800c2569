//! The catalogues of texts, in the syntax of [Fluent](https://projectfluent.org). They are a crate of their own because a
//! published crate can only contain files of its own folder, and the window reads them from here, too.

/// The English texts.
pub const ENGLISH: &str = include_str!("en.ftl");

/// The Chinese texts, in simplified characters.
pub const CHINESE: &str = include_str!("zh-CN.ftl");
