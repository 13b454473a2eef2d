//! Elements without much ado.
//!
//! The page has some hundred kinds of them, and each costs ten times the code in `html!`, which
//! prepares for everything an element can have.

use std::rc::Rc;

use indexmap::IndexMap;
use yew::html::{Scope, onclick};
use yew::prelude::*;
use yew::virtual_dom::{AttributeOrProperty, Attributes, Listener, VList, VNode, VTag, VText};

use crate::app::{App, Happening};

/// An element in the making.
// Boxed: a `VTag` is large, and would be moved with each call.
pub(super) struct Element(Box<Parts>);

struct Parts {
    tag: VTag,
    // Added to the tag as a whole: one by one takes Yew three times the code.
    attributes: IndexMap<AttrValue, AttributeOrProperty>,
}

/// An element of this name, empty.
#[inline(never)]
pub(super) fn element(name: &'static str) -> Element {
    Element(Box::new(Parts { tag: VTag::new(name), attributes: IndexMap::new() }))
}

/// A button that says what it does, and makes it happen.
pub(super) fn button(link: &Scope<App>, word: String, happening: Happening) -> Element {
    let clicked = link.callback(move |_: MouseEvent| happening.clone());
    let button = classed("button", "quiet").is("type", "button").text(word);
    button.listening(Rc::new(onclick::Wrapper::new(clicked)))
}

/// An element of this name and class, empty.
#[inline(never)]
pub(super) fn classed(name: &'static str, class: &'static str) -> Element {
    element(name).is("class", class)
}

impl Element {
    /// With an attribute that is always the same.
    #[inline(never)]
    pub(super) fn is(self, name: &'static str, value: &'static str) -> Self {
        self.attribute(name, AttrValue::Static(value))
    }

    /// With an attribute.
    #[inline(never)]
    pub(super) fn set(self, name: &'static str, value: String) -> Self {
        self.attribute(name, value.into())
    }

    #[inline(never)]
    fn attribute(mut self, name: &'static str, value: AttrValue) -> Self {
        let value = AttributeOrProperty::Attribute(value);
        self.0.attributes.insert(AttrValue::Static(name), value);
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
        let Parts { mut tag, attributes } = *element.0;
        tag.set_attributes(Attributes::IndexMap(Rc::new(attributes)));
        tag.into()
    }
}

/// Several nodes as one.
pub(super) fn nodes(nodes: Vec<VNode>) -> VNode {
    VList::with_children(nodes, None).into()
}
