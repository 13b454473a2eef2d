//! Prints in TypeScript what the widget tells its host and what a report is: of the types that are
//! written, so that neither can say something else. `cargo xtask package` puts it into the packages.

use std::collections::BTreeMap;

use mxray_records::Place;
use mxray_scan::Report;
use mxray_widget::detail::{Outcome, Progress, Start, Trouble};
use ts_rs::{Config, TS, TypeVisitor};

fn main() {
    let mut declared = Declared::default();
    declared.visit::<Start>();
    declared.visit::<Progress>();
    declared.visit::<Outcome<'static>>();
    declared.visit::<Trouble>();
    declared.visit::<Report>();
    // Named by a type that writes itself.
    declared.visit::<Place>();
    println!("// Made of the types of Rust by `cargo xtask package`.");
    declared.0.values().for_each(|declaration| println!("\n{declaration}"));
}

/// Each type by its name, and all that it is made of.
#[derive(Default)]
struct Declared(BTreeMap<String, String>);

impl TypeVisitor for Declared {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::ident(&Config::default());
        // Without a file of its own it is one of TypeScript's.
        if T::output_path().is_none() || self.0.contains_key(&name) {
            T::visit_generics(self);
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}", T::decl(&Config::default()));
        self.0.insert(name, declaration);
        T::visit_dependencies(self);
    }
}
