//! The whole page below its head: the form, and what came of it.

use std::pin::Pin;
use std::rc::Rc;

use mxray_browser::told::Told;
use mxray_browser::{Browser, Settings, Voice, understand};
use mxray_facts::{Domain, TypedError};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::address;
use crate::scanning::{News, Scanning};
use crate::{depth, view};

/// What the page has loaded before it can say anything.
#[derive(Clone, Debug, PartialEq, Properties)]
pub(crate) struct Props {
    /// What whoever runs the page has set.
    pub(crate) settings: Settings,
    /// The visitor's language.
    pub(crate) voice: Voice,
    /// What was typed before.
    pub(crate) typed: String,
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// The form was sent.
    Asked,
    /// A domain on the page was chosen, or is to be checked again.
    AskedFor(Domain),
    /// The visitor went back or forward.
    Moved,
    /// Another of the resolvers was chosen.
    Resolver(usize),
    /// The visitor has seen enough.
    Stop,
    /// The scan has something to say.
    Heard(News),
    /// There are sentences that were not there before.
    Learned,
    /// A text is to be copied.
    Copy(String),
    /// A text was copied.
    Copied(String),
    /// The depth has something to say, or cannot be had.
    Told(Option<Rc<Told>>),
}

/// What there is to say about what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// No domain could be understood.
    Misunderstood(TypedError),
    /// A leading `www.` was left out.
    DroppedWww(Domain),
}

/// How far the depth is.
#[derive(Debug)]
pub(crate) enum Depth {
    /// It has said nothing yet.
    Awaited,
    /// It cannot be had.
    Failed,
    /// What it has to say at the top of the report.
    Told(Rc<Told>),
}

/// The page.
pub(crate) struct App {
    pub(crate) field: NodeRef,
    pub(crate) notice: Option<Notice>,
    /// Its place among the settings' resolvers.
    pub(crate) resolver: usize,
    pub(crate) scanning: Option<Scanning>,
    /// The text that was copied last.
    pub(crate) copied: String,
    pub(crate) depth: Depth,
}

impl Component for App {
    type Message = Happening;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        let moved = context.link().callback(|()| Happening::Moved);
        address::on_move(move || moved.emit(()));
        Self {
            field: NodeRef::default(),
            notice: None,
            resolver: 0,
            scanning: None,
            copied: String::new(),
            depth: Depth::Awaited,
        }
    }

    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first {
            self.fill(&context.props().typed);
            context.link().send_message(Happening::Moved);
        }
    }

    fn update(&mut self, context: &Context<Self>, happening: Happening) -> bool {
        match happening {
            Happening::Asked => self.look(context, &self.typed()),
            Happening::AskedFor(domain) => {
                self.fill(domain.as_str());
                self.look(context, domain.as_str());
            }
            Happening::Moved => self.follow_address(context),
            Happening::Resolver(index) => self.resolver = index,
            Happening::Stop => self.scanning.iter_mut().for_each(Scanning::stop),
            Happening::Heard(news) => self.hear(context, news),
            Happening::Learned => {}
            Happening::Copy(text) => {
                let copied = context.link().callback(Happening::Copied);
                wasm_bindgen_futures::spawn_local(view::copy(text, copied));
            }
            Happening::Copied(text) => self.copied = text,
            Happening::Told(told) => self.depth = told.map_or(Depth::Failed, Depth::Told),
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        view::page(self, context)
    }
}

/// Something happens when this is over. Boxed: Yew's own code would be there once a future.
fn later(context: &Context<App>, future: impl Future<Output = Happening> + 'static) {
    context.link().send_future(Box::pin(future) as Pin<Box<dyn Future<Output = Happening>>>);
}

impl App {
    /// Checks what was typed, or says why it cannot be.
    fn look(&mut self, context: &Context<Self>, typed: &str) {
        match understand(typed) {
            Ok(typed) => {
                self.notice = typed.dropped_www.then(|| Notice::DroppedWww(typed.domain.clone()));
                address::name(typed.domain.as_str());
                self.start(context, typed.domain);
            }
            Err(error) => self.notice = Some(Notice::Misunderstood(error)),
        }
    }

    fn start(&mut self, context: &Context<Self>, domain: Domain) {
        let settings = &context.props().settings;
        address::title(Some(domain.as_str()));
        // The old one ends before the new one begins.
        self.end();
        let resolver = settings.resolvers.get(self.resolver).or(settings.resolvers.first());
        let browser = resolver
            .and_then(|resolver| Browser::new(resolver.url.clone(), settings.proxy.clone()));
        let tell = context.link().callback(Happening::Heard);
        self.scanning = browser.map(|browser| Scanning::start(browser, domain, tell));
    }

    fn end(&mut self) {
        (self.scanning, self.depth) = (None, Depth::Awaited);
        depth::close();
    }

    fn hear(&mut self, context: &Context<Self>, news: News) {
        let Some(scanning) = &mut self.scanning else { return };
        let voice = context.props().voice.clone();
        match &news {
            News::Check(check) => {
                let rules = check.findings.iter().map(|found| found.finding.rule).collect();
                later(context, async move {
                    voice.learn(rules).await;
                    Happening::Learned
                });
            }
            News::Report(_) => {
                let told = depth::open(scanning, &voice);
                later(context, async move { Happening::Told(told.await.map(Rc::new)) });
            }
        }
        scanning.hear(news);
    }

    /// Checks the domain that the page's address names, unless it is on the screen already.
    fn follow_address(&mut self, context: &Context<Self>) {
        let shown = self.scanning.as_ref().map(|scanning| scanning.domain.as_str());
        match address::domain() {
            Some(named) if shown == Some(named.as_str()) => {}
            Some(named) => {
                self.fill(&named);
                self.look(context, &named);
            }
            None => {
                address::title(None);
                self.notice = None;
                // What somebody shared has come without a scan, and stays.
                if self.scanning.is_some() {
                    self.end();
                }
            }
        }
    }

    fn typed(&self) -> String {
        self.field.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default()
    }

    fn fill(&self, typed: &str) {
        if let Some(field) = self.field.cast::<HtmlInputElement>() {
            field.set_value(typed);
        }
    }
}
