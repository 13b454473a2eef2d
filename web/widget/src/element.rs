//! Elements without much ado, as the page makes its own, and for the same reason: each kind costs ten
//! times the code in `html!`, which prepares for everything an element can have.

use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, VNode, VTag, VText};

/// Names, and what they are called here.
macro_rules! attributes {
    ($($name:ident: $written:literal,)*) => {
        /// An attribute that some element of the card has.
        #[derive(Clone, Copy)]
        pub(crate) enum Attribute {
            $($name),*
        }

        /// All of them, in their order: Yew compares two elements place by place.
        const ATTRIBUTES: &[&str] = &[$($written),*];
    };
}

attributes! {
    AriaCurrent: "aria-current",
    Class: "class",
    DataAnswer: "data-answer",
    DataProtection: "data-protection",
    DataStage: "data-stage",
    DataState: "data-state",
    DataStep: "data-step",
    Href: "href",
    Part: "part",
    Rel: "rel",
    Role: "role",
    Target: "target",
}

/// An element in the making.
// Boxed: a `VTag` is large, and would be moved with each call.
pub(crate) struct Element(Box<Parts>);

struct Parts {
    tag: VTag,
    /// By their place in [`ATTRIBUTES`].
    values: Box<[Option<AttributeOrProperty>]>,
}

/// An element of this name, empty.
#[inline(never)]
pub(crate) fn element(name: &'static str) -> Element {
    let values = std::iter::repeat_with(|| None).take(ATTRIBUTES.len()).collect();
    Element(Box::new(Parts { tag: VTag::new(name), values }))
}

/// An element with a name by which we and the host can style it.
#[inline(never)]
pub(crate) fn part(name: &'static str, part: &'static str) -> Element {
    element(name).is(Attribute::Class, part).is(Attribute::Part, part)
}

impl Element {
    /// With an attribute that is always the same.
    #[inline(never)]
    pub(crate) fn is(self, name: Attribute, value: &'static str) -> Self {
        self.attribute(name, AttrValue::Static(value))
    }

    /// With an attribute.
    #[inline(never)]
    pub(crate) fn set(self, name: Attribute, value: String) -> Self {
        self.attribute(name, value.into())
    }

    #[inline(never)]
    fn attribute(mut self, name: Attribute, value: AttrValue) -> Self {
        if let Some(place) = self.0.values.get_mut(name as usize) {
            *place = Some(AttributeOrProperty::Attribute(value));
        }
        self
    }

    /// With a text after what it holds already; never read as HTML.
    #[inline(never)]
    pub(crate) fn text(mut self, text: String) -> Self {
        self.0.tag.add_child(VText::new(text).into());
        self
    }

    /// With an element after what it holds already.
    #[inline(never)]
    pub(crate) fn with(mut self, inner: Self) -> Self {
        self.0.tag.add_child(inner.into());
        self
    }

    /// With all of these.
    pub(crate) fn all(self, inner: impl IntoIterator<Item = Self>) -> Self {
        inner.into_iter().fold(self, Self::with)
    }
}

impl From<Element> for VNode {
    #[inline(never)]
    fn from(element: Element) -> Self {
        let Parts { mut tag, values } = *element.0;
        tag.set_attributes(Attributes::Dynamic { keys: ATTRIBUTES, values });
        tag.into()
    }
}
