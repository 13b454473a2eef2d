//! The four parts, one below the other, over what somebody typed.

use yew::prelude::*;

use crate::given::Given;
use crate::moving::moving;
use crate::planning::planning;
use crate::reading::Reports;
use crate::setup::Setup;
use crate::typed::{History, Typed};

/// What it is given.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    pub(crate) given: Given,
}

/// What somebody typed, and how to change it.
#[derive(Clone, PartialEq)]
pub(crate) struct Form {
    pub(crate) typed: Typed,
    change: Callback<Change>,
}

type Change = Box<dyn FnOnce(&mut Typed)>;

impl Form {
    /// Changes what is typed.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Typed) + 'static) {
        self.change.emit(Box::new(change));
    }
}

/// What can happen to what is typed.
enum Act {
    Change(Change),
    Undo,
    Clear(Given),
}

/// The history, to be acted on.
#[derive(PartialEq)]
struct Kept(History);

impl Reducible for Kept {
    type Action = Act;

    fn reduce(self: std::rc::Rc<Self>, act: Act) -> std::rc::Rc<Self> {
        let history = &self.0;
        std::rc::Rc::new(Self(match act {
            Act::Change(change) => history.changed(change),
            Act::Undo => history.undone(),
            Act::Clear(given) => history.cleared(&given.report),
        }))
    }
}

/// After the check.
#[component]
pub(crate) fn After(props: &Props) -> Html {
    let given = &props.given;
    let voice = &given.voice;
    let kept = use_reducer({
        let given = given.clone();
        move || Kept(History::of(&given.report))
    });
    let summary = use_state(|| None);
    let form = Form {
        typed: kept.0.now.clone(),
        change: {
            let dispatcher = kept.dispatcher();
            Callback::from(move |change| dispatcher.dispatch(Act::Change(change)))
        },
    };
    let undo = {
        let dispatcher = kept.dispatcher();
        move |_| dispatcher.dispatch(Act::Undo)
    };
    let clear = {
        let (dispatcher, given) = (kept.dispatcher(), given.clone());
        move |_| dispatcher.dispatch(Act::Clear(given.clone()))
    };
    let onread = {
        let summary = summary.setter();
        Callback::from(move |read| summary.set(read))
    };
    html! {
        <>
            <p class="about">{voice.word("after.about")}</p>
            <p class="choices">
                <button type="button" class="quiet" id="after-undo" disabled={!kept.0.can_undo()} onclick={undo}>
                    {voice.word("after.undo")}
                </button>
                <button type="button" class="quiet" id="after-clear" onclick={clear}>
                    {voice.word("after.clear")}
                </button>
            </p>
            <Setup given={given.clone()} form={form.clone()} />
            {planning(given, &form, summary.as_ref())}
            {moving(given, &form)}
            <Reports given={given.clone()} {onread} />
        </>
    }
}

/// A part, under its heading.
pub(crate) fn part(id: &'static str, heading: String, content: Html) -> Html {
    html! {
        <section class="part" id={id} aria-labelledby={format!("{id}-heading")}>
            <h4 id={format!("{id}-heading")}>{heading}</h4>
            {content}
        </section>
    }
}
