//! A sentence of a review, with what others wrote told apart from what we say, so that every output can make it harmless.

use std::borrow::Cow;

/// A sentence, piece by piece.
pub type Words<'a> = Vec<Piece<'a>>;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece<'a> {
    /// Our own words.
    Plain(Cow<'a, str>),
    /// A name that somebody chose: of a person, a group, a scope, a customer.
    Name(Cow<'a, str>),
    /// A sentence in which names may stand.
    Prose(Cow<'a, str>),
}

/// Our own words.
pub fn plain<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece::Plain(text.into())
}

/// A name that somebody chose.
pub fn name<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece::Name(text.into())
}

/// A sentence in which names may stand.
pub fn prose<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    Piece::Prose(text.into())
}

/// Names with commas between them: `most` of them, and how many more there are.
pub fn names<'a>(list: impl ExactSizeIterator<Item = &'a str>, most: usize) -> Words<'a> {
    let more = list.len().saturating_sub(most);
    let mut words = Vec::new();
    for (place, each) in list.take(most).enumerate() {
        if place > 0 {
            words.push(plain(", "));
        }
        words.push(name(each));
    }
    if more > 0 {
        words.push(plain(format!(" and {} more", number(more))));
    }
    words
}

/// A number as people read it: `2,914`.
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A number with its noun: `1 customer`, `2,914 customers`.
pub fn counted(count: usize, noun: &str) -> String {
    match (count, noun) {
        (1, _) => format!("1 {noun}"),
        (_, "person") => format!("{} people", number(count)),
        _ => format!("{} {noun}s", number(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let shown = [0, 7, 999, 1_000, 200_000, 1_234_567].map(number);
        assert_eq!(shown, ["0", "7", "999", "1,000", "200,000", "1,234,567"]);
    }
}
