//! Elements without much ado.
//!
//! The page has some hundred kinds of them, and each costs ten times the code in `html!`, which
//! prepares for everything an element can have.

use std::rc::Rc;

use yew::html::{Scope, onclick};
use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, Listener, VList, VNode, VTag, VText};

use crate::app::{App, Happening};

/// Names, and what they are called here.
macro_rules! attributes {
    ($($name:ident: $written:literal,)*) => {
        /// An attribute that some element of the page has.
        #[derive(Clone, Copy)]
        pub(super) enum Attribute {
            $($name),*
        }

        /// All of them, in their order: Yew compares two elements of one list place by place, with
        /// much less code than two maps.
        const ATTRIBUTES: &[&str] = &[$($written),*];
    };
}

attributes! {
    AriaCurrent: "aria-current",
    AriaDescribedby: "aria-describedby",
    AriaHidden: "aria-hidden",
    AriaInvalid: "aria-invalid",
    AriaLabel: "aria-label",
    AriaLabelledby: "aria-labelledby",
    AriaLive: "aria-live",
    Autocapitalize: "autocapitalize",
    Autocomplete: "autocomplete",
    Class: "class",
    DataAlarm: "data-alarm",
    DataAnswer: "data-answer",
    DataCheck: "data-check",
    DataDomain: "data-domain",
    DataFinding: "data-finding",
    DataGap: "data-gap",
    DataProtection: "data-protection",
    DataSentence: "data-sentence",
    DataStage: "data-stage",
    DataState: "data-state",
    DataStep: "data-step",
    DataVerdict: "data-verdict",
    For: "for",
    Href: "href",
    Id: "id",
    Inputmode: "inputmode",
    Max: "max",
    Maxlength: "maxlength",
    Method: "method",
    Name: "name",
    Novalidate: "novalidate",
    Open: "open",
    Placeholder: "placeholder",
    Rel: "rel",
    Role: "role",
    Selected: "selected",
    Spellcheck: "spellcheck",
    Tabindex: "tabindex",
    Type: "type",
    Value: "value",
}

/// An element in the making.
// Boxed: a `VTag` is large, and would be moved with each call.
pub(super) struct Element(Box<Parts>);

struct Parts {
    tag: VTag,
    /// By their place in [`ATTRIBUTES`].
    values: Box<[Option<AttributeOrProperty>]>,
}

/// An element of this name, empty.
#[inline(never)]
pub(super) fn element(name: &'static str) -> Element {
    let values = std::iter::repeat_with(|| None).take(ATTRIBUTES.len()).collect();
    Element(Box::new(Parts { tag: VTag::new(name), values }))
}

/// A link to what these pieces name together.
#[inline(never)]
pub(super) fn link(pieces: &[&str]) -> Element {
    element("a").set(Attribute::Href, pieces.concat())
}

/// A button that says what it does, and makes it happen.
pub(super) fn button(link: &Scope<App>, word: String, happening: Happening) -> Element {
    let clicked = link.callback(move |_: MouseEvent| happening.clone());
    let button = classed("button", "quiet").is(Attribute::Type, "button").text(word);
    button.listening(Rc::new(onclick::Wrapper::new(clicked)))
}

/// An element of this name and class, empty.
#[inline(never)]
pub(super) fn classed(name: &'static str, class: &'static str) -> Element {
    element(name).is(Attribute::Class, class)
}

impl Element {
    /// With an attribute that is always the same.
    #[inline(never)]
    pub(super) fn is(self, name: Attribute, value: &'static str) -> Self {
        self.attribute(name, AttrValue::Static(value))
    }

    /// With an attribute.
    #[inline(never)]
    pub(super) fn set(self, name: Attribute, value: String) -> Self {
        self.attribute(name, value.into())
    }

    #[inline(never)]
    fn attribute(mut self, name: Attribute, value: AttrValue) -> Self {
        if let Some(place) = self.0.values.get_mut(name as usize) {
            *place = Some(AttributeOrProperty::Attribute(value));
        }
        self
    }

    /// With somebody who hears of an event.
    pub(super) fn listening(mut self, listener: Rc<dyn Listener>) -> Self {
        self.0.tag.add_listener(listener);
        self
    }

    /// With a handle to the node that it becomes.
    pub(super) fn known_as(mut self, node: &NodeRef) -> Self {
        self.0.tag.node_ref = node.clone();
        self
    }

    /// With a text after what it holds already; never read as HTML.
    #[inline(never)]
    pub(super) fn text(self, text: String) -> Self {
        self.node(VText::new(text).into())
    }

    /// With a text that is always the same.
    #[inline(never)]
    pub(super) fn sign(self, text: &'static str) -> Self {
        self.node(VText::new(text).into())
    }

    /// With an element after what it holds already.
    #[inline(never)]
    pub(super) fn with(self, inner: Self) -> Self {
        self.node(inner.into())
    }

    /// With all of these.
    pub(super) fn all(self, inner: Vec<VNode>) -> Self {
        inner.into_iter().fold(self, Self::node)
    }

    /// With a node after what it holds already.
    #[inline(never)]
    pub(super) fn node(mut self, inner: VNode) -> Self {
        self.0.tag.add_child(inner);
        self
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

/// Several nodes as one.
pub(super) fn nodes(nodes: Vec<VNode>) -> VNode {
    VList::with_children(nodes, None).into()
}
