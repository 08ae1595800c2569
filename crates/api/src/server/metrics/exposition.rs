//! The text formats of Prometheus (0.0.4) and OpenMetrics (1.0): metric families with their samples.
//!
//! Specifications: <https://prometheus.io/docs/instrumenting/exposition_formats/> and
//! <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::fmt::Write as _;

use tidemark_core::text;

/// The longest value of a label, in characters.
const MAX_LABEL_LEN: usize = 120;

/// Which of the two formats is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    /// The format that a scraper asks for; the older one, which every scraper reads, where it does not say.
    pub(super) fn of_accept(accept: Option<&str>) -> Self {
        let is_open = accept.is_some_and(|accept| {
            accept.split(',').any(|kind| {
                let mut parts = kind.split(';').map(str::trim);
                parts.next() == Some("application/openmetrics-text")
                    && parts
                        .find_map(|part| part.strip_prefix("version="))
                        .is_none_or(|version| version == "1.0.0")
            })
        });
        if is_open { Self::OpenMetrics } else { Self::Prometheus }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What a family's samples are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows; its name ends with `_total`.
    Counter,
}

/// A family: its name, what its samples are, and what they mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
}

/// A name and a value of a label. A label with an empty value is no label.
pub(super) type Label<'a> = (&'static str, &'a str);

/// Metrics as they are written. The samples of a family follow each other; a family without samples is left out, since
/// what is not known is not 0.
#[derive(Debug)]
pub(super) struct Exposition {
    format: Format,
    text: String,
}

impl Exposition {
    pub(super) fn new(format: Format) -> Self {
        Self { format, text: String::new() }
    }

    /// Writes a family with all its samples.
    pub(super) fn family<'a, L>(&mut self, family: Family, samples: impl IntoIterator<Item = (L, f64)>)
    where
        L: AsRef<[Label<'a>]>,
    {
        let mut begun = false;
        for (labels, value) in samples {
            if !begun {
                self.head(family);
                begun = true;
            }
            self.sample(family.name, labels.as_ref(), value);
        }
    }

    fn head(&mut self, family: Family) {
        // A counter's family is named without the ending of its samples in the newer format.
        let name = match self.format {
            Format::OpenMetrics => family.name.strip_suffix("_total").unwrap_or(family.name),
            Format::Prometheus => family.name,
        };
        let kind = match family.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[Label<'_>], value: f64) {
        self.text.push_str(name);
        let mut separator = '{';
        for (label, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
            let value = text::bounded(value, MAX_LABEL_LEN);
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{separator}{label}=\"{value}\"");
            separator = ',';
        }
        if separator == ',' {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: Family =
        Family { name: "tidemark_tokens_total", kind: Kind::Counter, help: "Tokens.\nAll of them." };
    const NONE: Family = Family { name: "tidemark_none", kind: Kind::Gauge, help: "Nothing." };

    fn written(format: Format) -> String {
        let mut metrics = Exposition::new(format);
        metrics.family(
            TOKENS,
            [([("model", "k\"3\\\n"), ("machine", "")], 3.0), ([("model", "b"), ("x", "y")], 0.5)],
        );
        metrics.family(NONE, Vec::<([Label<'_>; 1], f64)>::new());
        metrics.finish()
    }

    #[test]
    fn both_formats_are_written_as_their_specifications_say() {
        insta::assert_snapshot!(written(Format::Prometheus), @r#"
        # HELP tidemark_tokens_total Tokens.\nAll of them.
        # TYPE tidemark_tokens_total counter
        tidemark_tokens_total{model="k\"3\\�"} 3
        tidemark_tokens_total{model="b",x="y"} 0.5
        "#);
        insta::assert_snapshot!(written(Format::OpenMetrics), @r#"
        # HELP tidemark_tokens Tokens.\nAll of them.
        # TYPE tidemark_tokens counter
        tidemark_tokens_total{model="k\"3\\�"} 3
        tidemark_tokens_total{model="b",x="y"} 0.5
        # EOF
        "#);
    }

    #[test]
    fn the_format_is_the_one_that_is_asked_for() {
        for (accept, format) in [
            (None, Format::Prometheus),
            (Some("*/*"), Format::Prometheus),
            (Some("text/plain;version=0.0.4"), Format::Prometheus),
            (Some("application/openmetrics-text; version=0.0.1"), Format::Prometheus),
            (Some("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"), Format::OpenMetrics),
            (Some("text/plain;q=0.5, application/openmetrics-text"), Format::OpenMetrics),
        ] {
            assert_eq!(Format::of_accept(accept), format, "{accept:?}");
        }
    }
}
