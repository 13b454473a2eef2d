//! Elements without much ado.
//!
//! The report has some hundred kinds of them, and each costs ten times the code in `html!`, which
//! prepares for everything an element can have. What holds listeners is made with `html!`.

use yew::virtual_dom::{AttrValue, VList, VNode, VTag, VText};

/// An element in the making.
// Boxed: a `VTag` is large, and would be moved with each call.
pub(super) struct Element(Box<VTag>);

/// An element of this name, empty.
#[inline(never)]
pub(super) fn element(name: &'static str) -> Element {
    Element(Box::new(VTag::new(name)))
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
        self.0.add_attribute(name, value);
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
        self.0.add_child(inner);
        self
    }
}

impl From<Element> for VNode {
    #[inline(never)]
    fn from(element: Element) -> Self {
        (*element.0).into()
    }
}

/// Several nodes as one.
pub(super) fn nodes(nodes: Vec<VNode>) -> VNode {
    VList::with_children(nodes, None).into()
}
