//! Slots: the six series that one account can have, one model each.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::meter::Meter;
use crate::series::Series;

/// Where the model of a series is kept. An account has at most one series in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Slot {
    #[serde(rename = "5h")]
    FiveHour,
    #[serde(rename = "week")]
    Week,
    #[serde(rename = "month")]
    Month,
    /// Kimi Code's share of the month, inside [`Slot::Month`].
    #[serde(rename = "month-code")]
    MonthCode,
    /// The open platform's balance, in whatever currency.
    #[serde(rename = "balance")]
    Balance,
    /// The wallet beside a membership, in whatever currency.
    #[serde(rename = "wallet")]
    Wallet,
}

impl Slot {
    /// All of them, in the order in which they are evaluated: the month before its Code share, because what
    /// happens to both is reported of the month.
    pub(crate) const ALL: [Self; 6] =
        [Self::FiveHour, Self::Week, Self::Month, Self::MonthCode, Self::Balance, Self::Wallet];

    /// The windows that are compared with the 5-hour window.
    pub(crate) const LONG: [Self; 3] = [Self::Week, Self::Month, Self::MonthCode];

    pub(crate) const fn of(series: Series) -> Self {
        match series {
            Series::Meter(Meter::FiveHour) => Self::FiveHour,
            Series::Meter(Meter::Week) => Self::Week,
            Series::Meter(Meter::Month) => Self::Month,
            Series::Meter(Meter::MonthCode) => Self::MonthCode,
            Series::Balance(_) => Self::Balance,
            Series::Wallet(_) => Self::Wallet,
        }
    }

    /// The quota window, where it is one.
    pub(crate) const fn meter(self) -> Option<Meter> {
        match self {
            Self::FiveHour => Some(Meter::FiveHour),
            Self::Week => Some(Meter::Week),
            Self::Month => Some(Meter::Month),
            Self::MonthCode => Some(Meter::MonthCode),
            Self::Balance | Self::Wallet => None,
        }
    }

    pub(crate) const fn is_long(self) -> bool {
        matches!(self, Self::Week | Self::Month | Self::MonthCode)
    }
}

impl From<Meter> for Slot {
    fn from(meter: Meter) -> Self {
        Self::of(Series::Meter(meter))
    }
}

/// One value for each slot. Its JSON holds those that are not the default, by the name of their slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SlotMap<T>([T; 6]);

impl<T> SlotMap<T> {
    pub(crate) fn from_fn(mut value: impl FnMut(Slot) -> T) -> Self {
        Self(Slot::ALL.map(&mut value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        Slot::ALL.into_iter().zip(&self.0)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut T)> {
        Slot::ALL.into_iter().zip(&mut self.0)
    }
}

impl<T> Index<Slot> for SlotMap<T> {
    type Output = T;

    fn index(&self, slot: Slot) -> &T {
        &self.0[slot as usize]
    }
}

impl<T> IndexMut<Slot> for SlotMap<T> {
    fn index_mut(&mut self, slot: Slot) -> &mut T {
        &mut self.0[slot as usize]
    }
}

impl<T: Serialize + Default + PartialEq> Serialize for SlotMap<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let default = T::default();
        for (slot, value) in self.iter().filter(|(_, value)| **value != default) {
            map.serialize_entry(&slot, value)?;
        }
        map.end()
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for SlotMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Entries<T> {
            type Value = SlotMap<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by slot")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SlotMap<T>, A::Error> {
                let mut all = SlotMap::default();
                while let Some((slot, value)) = map.next_entry()? {
                    all[slot] = value;
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_map_is_written_by_name_and_comes_back() {
        let mut map = SlotMap::<u8>::default();
        map[Slot::MonthCode] = 3;
        map[Slot::Balance] = 5;
        let text = serde_json::to_string(&map).unwrap();
        assert_eq!(text, r#"{"month-code":3,"balance":5}"#);
        assert_eq!(serde_json::from_str::<SlotMap<u8>>(&text).unwrap(), map);
        assert_eq!(map.iter().map(|(slot, _)| slot as usize).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn every_meter_has_the_slot_of_its_name() {
        for meter in Meter::ALL {
            assert_eq!(Slot::from(meter).meter(), Some(meter));
            assert_eq!(serde_json::to_value(Slot::from(meter)).unwrap(), meter.as_str());
        }
    }
}
