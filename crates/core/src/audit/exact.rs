//! Floating-point figures in JSON that come back as exactly what they were.
//!
//! A number of JSON may be read back one unit in the last place off, which would let an audit that was
//! written down and taken up again differ from one that ran on. As text a figure is read exactly.

use std::collections::VecDeque;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One figure, as text in JSON.
struct Figure(f64);

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The shortest text that is read back as the same figure.
        serializer.collect_str(&format_args!("{:?}", self.0))
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Figure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a figure")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Figure, E> {
                text.parse().map(Figure).map_err(E::custom)
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Figure, E> {
                Ok(Figure(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Figure, E> {
                Ok(Figure(value as f64))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// Something made of figures.
pub(super) trait Exact: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl Exact for f64 {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Figure(*self).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Figure::deserialize(deserializer).map(|figure| figure.0)
    }
}

impl Exact for Option<f64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map(Figure).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Figure>::deserialize(deserializer)?.map(|figure| figure.0))
    }
}

fn write_all<'a, S: Serializer>(
    figures: impl ExactSizeIterator<Item = &'a f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(figures.len()))?;
    for figure in figures {
        list.serialize_element(&Figure(*figure))?;
    }
    list.end()
}

fn read_all<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    struct List;
    impl<'de> Visitor<'de> for List {
        type Value = Vec<f64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of figures")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<f64>, A::Error> {
            let mut all = Vec::with_capacity(list.size_hint().unwrap_or(0).min(1024));
            while let Some(Figure(figure)) = list.next_element()? {
                all.push(figure);
            }
            Ok(all)
        }
    }
    deserializer.deserialize_seq(List)
}

impl Exact for Vec<f64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_all(self.iter(), serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_all(deserializer)
    }
}

impl Exact for VecDeque<f64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_all(self.iter(), serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_all(deserializer).map(Into::into)
    }
}

impl<const N: usize> Exact for [f64; N] {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_all(self.iter(), serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = read_all(deserializer)?;
        Self::try_from(all).map_err(|all| D::Error::custom(format_args!("{} figures for {N}", all.len())))
    }
}

/// Writes figures as text.
pub(super) fn serialize<T: Exact, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// Reads figures from text, or from numbers.
pub(super) fn deserialize<'de, T: Exact, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "super")]
        perhaps: Option<f64>,
        #[serde(with = "super")]
        some: VecDeque<f64>,
        #[serde(with = "super")]
        three: [f64; 3],
    }

    proptest! {
        #[test]
        fn figures_come_back_as_they_were(one in any::<f64>(), other in prop::num::f64::NORMAL) {
            prop_assume!(!one.is_nan());
            let held = Held { one, perhaps: Some(other), some: [one, other].into(), three: [other, 0.1, one] };
            let text = serde_json::to_string(&held).unwrap();
            prop_assert_eq!(serde_json::from_str::<Held>(&text).unwrap(), held);
        }
    }

    #[test]
    fn numbers_are_read_as_well() {
        let held: Held =
            serde_json::from_str(r#"{"one":1,"perhaps":null,"some":[-2,2.5],"three":[0,0,0]}"#).unwrap();
        assert_eq!(held, Held { one: 1.0, perhaps: None, some: [-2.0, 2.5].into(), three: [0.0; 3] });
        assert!(serde_json::from_str::<Held>(r#"{"one":1,"perhaps":null,"some":[],"three":[0]}"#).is_err());
    }
}
