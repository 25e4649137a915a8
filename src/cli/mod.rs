//! The command line: arguments and settings become plain function calls, whatever a command has to say goes through one
//! printer, and what it comes to is one exit code.

pub mod args;
pub mod exit;
pub mod failure;
pub mod printer;
pub mod progress;
pub mod settings;
pub mod files;
pub mod connect;
pub mod output;
pub mod telling;
pub mod example;
pub mod world;
pub mod embedded;
pub mod blame;
pub mod commands;

use std::path::Path;

use clap::Parser;
use tokio::runtime::Runtime;

use crate::cli::args::{Args, Colour, Command, Connection, Format, JournalCommand, LogFormat};
use crate::cli::commands::apply::{Applying, Consent, What};
use crate::cli::commands::explain::{Evidence, Question};
use crate::cli::commands::import::Tree;
use crate::cli::commands::plan::{Pending, Showing};
use crate::cli::commands::rbac_condition::Reach;
use crate::cli::connect::{connect, reading, writing};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::printer::Printer;
use crate::cli::settings::Environment;
use crate::clock::Clock;
use crate::desired::state::DesiredState;
use crate::execute::Deferral;
use crate::model::names::CustomerName;
use crate::report::redact::People;
use crate::telemetry::{self, Telemetry, Traces};

/// Runs the command that the arguments name, from parsing them to the last word about it.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Exit {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return explain(&error),
    };
    let mut printer = Printer::new(match args.color {
        Colour::Auto => anstream::ColorChoice::Auto,
        Colour::Always => anstream::ColorChoice::Always,
        Colour::Never => anstream::ColorChoice::Never,
    });
    let environment = Environment::read();
    // Kept to the end, when it sends what is left to send.
    let telemetry = log(&args, &environment, &printer);
    for (name, meant) in Environment::mistyped() {
        tracing::warn!(name, meant, "this variable of the environment is not read: is its name mistyped?");
    }
    let result = telemetry.and_then(|_telemetry| dispatch(args.command, &environment, &mut printer));
    result.unwrap_or_else(|failure| {
        printer.failure(&failure);
        failure.exit
    })
}

/// Prints clap's help, version or complaint. Its own exit code for a complaint, 2, would say that changes are pending.
fn explain(error: &clap::Error) -> Exit {
    let printed = error.print();
    if error.use_stderr() || printed.is_err() { Exit::Usage } else { Exit::Done }
}

fn log(args: &Args, environment: &Environment, printer: &Printer) -> Result<Telemetry, Failure> {
    let filter = args.log.as_deref().or_else(|| environment.get("GROUPSYNC_LOG"));
    let format = match args.log_format {
        LogFormat::Text => telemetry::Format::Text,
        LogFormat::Json => telemetry::Format::Json,
    };
    let coloured = match args.color {
        Colour::Always => true,
        Colour::Auto => printer.colours_stderr(),
        Colour::Never => false,
    };
    let colour = if coloured { telemetry::Colour::Always } else { telemetry::Colour::Never };
    let collector = environment
        .get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        .or_else(|| environment.get("OTEL_EXPORTER_OTLP_ENDPOINT"));
    let traces = if collector.is_some() { Traces::Otlp } else { Traces::Off };
    telemetry::install(filter, format, colour, traces).map_err(Failure::usage)
}

fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn dispatch(command: Command, environment: &Environment, printer: &mut Printer) -> Result<Exit, Failure> {
    match command {
        Command::Validate { dir, base, format } => {
            commands::validate::run(&dir, base.as_deref(), format, printer)
        }
        Command::Render { customer, dir, format } => commands::render::run(&customer, &dir, format, printer),
        Command::Schema { of } => commands::schema::run(of, printer),
        Command::Plan {
            dir,
            customers,
            at,
            out,
            policy,
            exit_code,
            format,
            artefacts,
            redact,
            connection,
        } => {
            let desired = files::read_under(&dir, policy.as_deref(), printer)?;
            let selection = commands::plan::selection(&desired, customers)?;
            let pending = if exit_code { Pending::IsTwo } else { Pending::IsDone };
            runtime()?.block_on(async {
                let clock = Clock::system();
                let settings = settings::settings(&connection, environment)?;
                let means = reading(settings, &desired.partner, clock).await?;
                let now = at.unwrap_or_else(|| clock.now());
                let output = Output { format, artefacts: &artefacts, people: people(redact) };
                let showing = Showing { output, file: out.as_deref(), pending };
                commands::plan::run(&desired, &means, &selection, now, showing, printer).await
            })
        }
        Command::Apply { what, dir, yes, wait, format, artefacts, redact, connection } => {
            let is_plan = what.is_file();
            if !is_plan && dir.is_some() {
                return Err(Failure::misused(format!("there is no saved plan {}", what.display()))
                    .hint("--dir goes with a plan that `groupsync plan --out FILE` saved"));
            }
            let plan = is_plan.then(|| commands::apply_plan::open(&what)).transpose()?;
            let dir = if is_plan { dir.unwrap_or_else(|| args::DIRECTORY.into()) } else { what };
            let (desired, sources) = files::read_whole(&dir, printer)?;
            let saved = plan.map(|text| commands::apply_plan::read(&text, &desired.partner)).transpose()?;
            let consent = if yes { Consent::Given } else { Consent::Ask };
            let deferral = if wait { Deferral::Wait } else { Deferral::Leave };
            runtime()?.block_on(async {
                let settings = settings::settings(&connection, environment)?;
                let means = writing(settings, &desired.partner, Clock::system()).await?;
                let output = Output { format, artefacts: &artefacts, people: people(redact) };
                let what = saved.as_ref().map_or(What::Files(consent), What::Saved);
                let applying = Applying { dir: &dir, sources: &sources, deferral, output };
                commands::apply::run(&desired, &means, what, applying, printer).await
            })
        }
        Command::Run { plan, connection } => {
            let settings = settings::settings(&connection, environment)?;
            runtime()?.block_on(commands::run::run(plan, settings, environment))
        }
        Command::Explain {
            person,
            customer,
            at_customer,
            everywhere,
            dir,
            offline,
            at,
            format,
            connection,
        } => {
            let desired = files::read(&dir, printer)?;
            let question = question(&desired, person, customer, at_customer, everywhere)?;
            runtime()?.block_on(async {
                let clock = Clock::system();
                let now = at.unwrap_or_else(|| clock.now());
                let means = if offline {
                    None
                } else {
                    let settings = settings::settings(&connection, environment)?;
                    Some(reading(settings, &desired.partner, clock).await?)
                };
                let evidence = means.as_ref().map_or(Evidence::Files, Evidence::Tenants);
                commands::explain::run(&desired, &dir, &question, evidence, now, format, printer).await
            })
        }
        Command::Import { customers, dir, out, format, connection } => {
            import(customers, &dir, (format, out.as_deref()), &connection, environment, printer)
        }
        Command::RbacCondition { dir, customer, privileged } => {
            let reach = if privileged { Reach::Privileged } else { Reach::Unprivileged };
            commands::rbac_condition::run(&dir, customer.as_ref(), reach, printer)
        }
        Command::Simulate { listen, tls_dir, world, from, seed } => {
            let world = commands::simulate::world(world.as_deref(), from.as_deref(), printer)?;
            runtime()?.block_on(commands::simulate::run(world, listen, tls_dir.as_deref(), seed, printer))
        }
        Command::Journal { .. } | Command::Register { .. } => look_back(command, environment, printer),
        Command::Demo {} => commands::demo::run(printer),
        Command::Completions { shell } => commands::completions::run(shell, printer),
        Command::Man {} => commands::man::run(printer),
    }
}

fn people(redact: bool) -> People {
    if redact { People::Hidden } else { People::Named }
}

/// The commands that look into the journal.
fn look_back(command: Command, environment: &Environment, printer: &mut Printer) -> Result<Exit, Failure> {
    match command {
        Command::Journal { journal, what } => {
            let url = journal_url(journal.as_deref(), environment)?;
            match what {
                JournalCommand::Verify { contains } => {
                    commands::journal::verify(&url, contains.as_deref(), printer)
                }
                JournalCommand::Export => commands::journal::export(&url, printer),
                JournalCommand::Show { customer, last } => {
                    commands::journal::show(&url, customer.as_ref(), last, printer)
                }
            }
        }
        Command::Register { journal, at, customer, scope, person, dir, format } => {
            let url = journal_url(journal.as_deref(), environment)?;
            // Only what people are called is looked for there: an auditor may have the journal and nothing else.
            let desired = crate::desired::read(&dir).state;
            let question = commands::journal::Question { at, customer, scope, person };
            let now = Clock::system().now();
            commands::journal::register(&url, &question, desired.as_ref(), now, format, printer)
        }
        _ => unreachable!("only these two are sent here"),
    }
}

/// The journal that a command is about.
fn journal_url(flag: Option<&str>, environment: &Environment) -> Result<String, Failure> {
    settings::journal(flag, environment).ok_or_else(|| {
        Failure::misused("no journal is named").hint("pass --journal sqlite:PATH, or set GROUPSYNC_JOURNAL")
    })
}

fn import(
    customers: Vec<CustomerName>,
    dir: &Path,
    output: (Format, Option<&Path>),
    connection: &Connection,
    environment: &Environment,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let (desired, sources) = files::read_whole(dir, printer)?;
    let selection = commands::plan::selection(&desired, customers)?;
    let tree = Tree { desired: &desired, sources: &sources };
    runtime()?.block_on(async {
        let clock = Clock::system();
        let settings = settings::settings(connection, environment)?;
        let client = connect(settings, &desired.partner, clock).await?;
        commands::import::run(tree, &client, &selection, clock.now(), output, printer).await
    })
}

/// What `explain` is asked, by what stands on the command line.
fn question(
    desired: &DesiredState,
    person: Option<String>,
    customer: Option<CustomerName>,
    at_customer: Option<CustomerName>,
    everywhere: Option<String>,
) -> Result<Question, Failure> {
    let known = |name: CustomerName| {
        if desired.customers.contains_key(&name) {
            Ok(name)
        } else {
            Err(commands::plan::unknown(desired, &name))
        }
    };
    match (person.or(everywhere), customer.or(at_customer)) {
        (Some(person), Some(name)) => {
            Ok(Question::One(commands::explain::subject(desired, &person)?, known(name)?))
        }
        (Some(person), None) => Ok(Question::Person(commands::explain::subject(desired, &person)?)),
        (None, Some(name)) => Ok(Question::Customer(known(name)?)),
        (None, None) => Err(Failure::misused("nobody and no customer is named")
            .hint("groupsync explain PERSON CUSTOMER, --person PERSON for everywhere, --customer NAME for everybody")),
    }
}
