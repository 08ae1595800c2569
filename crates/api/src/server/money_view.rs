//! Money, as the interface hands it out.

use tidemark_core::Money;
use tidemark_core::money::plain;

use crate::view;

/// An amount of money as it is shown.
pub(super) fn money(money: Money) -> view::MoneyView {
    view::MoneyView { amount: plain(money.amount), currency: money.currency.code().to_owned() }
}
