//! What can be written on the command line.
#![expect(clippy::doc_markdown, reason = "the comments are the help text, shown as they stand")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as ArgGroup, Parser, Subcommand, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::model::names::CustomerName;

/// The directory that commands look at unless told otherwise.
pub(super) const DIRECTORY: &str = "desired-state";

/// Keeps partner groups, B2B guests and Azure role assignments equal across every customer tenant of a Cloud Solution
/// Provider.
///
/// Exit codes: 0 converged or done; 1 failure, interruption, something that could not be read; 2 changes pending (plan
/// --exit-code); 3 something held or refused, or STOP; 4 invalid files, settings or usage.
#[derive(Debug, Parser)]
#[command(name = "groupsync", version, propagate_version = true, max_term_width = 100)]
pub struct Args {
    /// Whether to colour what is printed.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
    /// What to log to stderr, such as info or groupsync=debug [env: GROUPSYNC_LOG] [default: warn].
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
    /// How to write log lines.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the files and show every problem at once. Needs no network.
    Validate {
        /// The desired-state directory.
        #[arg(default_value = DIRECTORY)]
        dir: PathBuf,
        /// The files as they were before: makes it an error if a customer vanished or a tenant id changed.
        #[arg(long, value_name = "DIR")]
        base: Option<PathBuf>,
        /// How to show problems.
        #[arg(long, default_value = "text")]
        format: ProblemFormat,
    },
    /// Show a customer in effect: templates expanded, defaults filled in, every value with its file and line.
    Render {
        /// The customer.
        customer: CustomerName,
        /// The desired-state directory.
        #[arg(long, default_value = DIRECTORY)]
        dir: PathBuf,
        /// How to show it.
        #[arg(long, default_value = "text")]
        format: Format,
    },
    /// Print a JSON schema: of the files people write, or of a document this program writes or reads.
    Schema {
        /// Of what.
        #[arg(default_value = "desired-state")]
        of: SchemaOf,
    },
    /// Compare the files with the tenants and show what apply would do. Only reads.
    Plan {
        /// The desired-state directory.
        #[arg(default_value = DIRECTORY)]
        dir: PathBuf,
        /// Only these customers. May be repeated.
        #[arg(long = "customer", value_name = "NAME")]
        customers: Vec<CustomerName>,
        /// Plan as if it were this time, such as 2030-01-01T09:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Save the plan in this file; `groupsync apply FILE` carries out that plan and no other.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Take Partner and Policy from this directory: a change cannot loosen the rules it is judged by.
        #[arg(long, value_name = "DIR")]
        policy: Option<PathBuf>,
        /// Exit with 2 if changes are pending.
        #[arg(long)]
        exit_code: bool,
        /// How to show the plan.
        #[arg(long, default_value = "text")]
        format: ReportFormat,
        /// Also write the plan to a file, in any format, from the same reading: --write markdown=comment.md --write
        /// html=plan.html. May be repeated.
        #[arg(long = "write", value_name = "FORMAT=FILE")]
        artefacts: Vec<Artefact>,
        /// Show pseudonyms instead of people's names and addresses, in every output. Reasons that people wrote into the
        /// files are kept, without the addresses in them. Digests stay what they are.
        #[arg(long)]
        redact: bool,
        /// Where and as whom.
        #[command(flatten)]
        connection: Connection,
    },
    /// Plan, show the plan, ask, and carry it out.
    ///
    /// With a file that `plan --out` saved, carry out what was reviewed: customers whose plan is still the same, without
    /// asking. The others are left alone, with what changed since, and the exit code is 3.
    Apply {
        /// The desired-state directory, or a saved plan.
        #[arg(default_value = DIRECTORY, value_name = "DIR|FILE")]
        what: PathBuf,
        /// The desired-state directory that a saved plan belongs to [default: desired-state].
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Wait for operations whose time has not come, such as the deletion of a guest who was written to minutes ago.
        #[arg(long)]
        wait: bool,
        /// How to show plan and outcome; all but text show the outcome only.
        #[arg(long, default_value = "text")]
        format: ReportFormat,
        /// Also write the outcome to a file, in any format: --write markdown=outcome.md --write html=outcome.html. May be
        /// repeated.
        #[arg(long = "write", value_name = "FORMAT=FILE")]
        artefacts: Vec<Artefact>,
        /// Show pseudonyms instead of people's names and addresses, in every output.
        #[arg(long)]
        redact: bool,
        /// Where and as whom.
        #[command(flatten)]
        connection: Connection,
    },
    /// Keep the tenants as the files say, until asked to end.
    ///
    /// Looks at each customer in turn, and at once where something happens: the files change, a grant begins or ends, somebody
    /// leaves or joins at the partner. A file STOP in the directory stops all writes. A version of the files that cannot be used
    /// is refused, and the last one stays in force.
    Run {
        /// How.
        #[command(flatten)]
        plan: Keeping,
        /// Where and as whom.
        #[command(flatten)]
        connection: Connection,
    },
    /// Say why somebody has access at a customer, or why not, down to file and line. Only reads.
    Explain {
        /// Whose access: an address, or an object id of the partner tenant.
        person: Option<String>,
        /// At which customer.
        customer: Option<CustomerName>,
        /// Who can do what at this customer.
        #[arg(long = "customer", value_name = "NAME", conflicts_with = "customer")]
        at_customer: Option<CustomerName>,
        /// What this person can do, everywhere.
        #[arg(long = "person", value_name = "PERSON", conflicts_with = "person")]
        everywhere: Option<String>,
        /// The desired-state directory.
        #[arg(long, default_value = DIRECTORY)]
        dir: PathBuf,
        /// Look at the files alone. Needs no network.
        #[arg(long)]
        offline: bool,
        /// Answer as if it were this time, such as 2030-01-01T09:00:00Z.
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// How to show the answer.
        #[arg(long, default_value = "text")]
        format: Format,
        /// Where and as whom.
        #[command(flatten)]
        connection: Connection,
    },
    /// Show what the tenants hold that no file declares, and write the files that would keep it. Only reads the tenants.
    ///
    /// Surely ours, probably meant, foreign: only what is proven from the live objects is written, never what a name on a
    /// screen suggests. With the written files a plan takes over groups and does nothing else.
    Import {
        /// Only these customers. May be repeated.
        #[arg(long = "customer", value_name = "NAME")]
        customers: Vec<CustomerName>,
        /// The desired-state directory, with at least a Partner, a Policy and the customer's tenant.
        #[arg(long, default_value = DIRECTORY)]
        dir: PathBuf,
        /// Write the whole tree, with what was found in it, to this directory. No file that exists is altered.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// How to show what was found.
        #[arg(long, default_value = "text")]
        format: Format,
        /// Where and as whom.
        #[command(flatten)]
        connection: Connection,
    },
    /// Print the condition that keeps groupsync's own right to assign roles to the roles of Policy. Needs no network.
    ///
    /// For whoever gives the application its role in a subscription: az role assignment create --role "Role Based Access
    /// Control Administrator" --condition-version 2.0 --condition "$(groupsync rbac-condition)" …
    RbacCondition {
        /// The desired-state directory.
        #[arg(default_value = DIRECTORY)]
        dir: PathBuf,
        /// Also the roles of this customer's own.
        #[arg(long, value_name = "NAME")]
        customer: Option<CustomerName>,
        /// Also privileged roles, which can hand out access themselves.
        #[arg(long)]
        privileged: bool,
    },
    /// Serve a simulated login, Graph and Azure Resource Manager until interrupted.
    ///
    /// Prints one line of JSON once it is ready: the addresses, the credential and the customers.
    Simulate {
        /// Where to listen; port 0 picks a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Serve TLS, and write the authority to trust (ca.pem) and the server's certificate for localhost and 127.0.0.1
        /// to this directory, made if there is none. Plain HTTP without it.
        #[arg(long, value_name = "DIR")]
        tls_dir: Option<PathBuf>,
        /// A world, as JSON; `groupsync schema world` describes it.
        #[arg(long, value_name = "FILE", conflicts_with = "from")]
        world: Option<PathBuf>,
        /// A world in which everybody and everything these files name exists and nothing is replicated yet
        /// [default: the example partner].
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        /// What everything random depends on.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Look into the journal.
    Journal {
        /// The journal, such as sqlite:/var/lib/groupsync/journal.db [env: GROUPSYNC_JOURNAL].
        #[arg(long, value_name = "URL", global = true)]
        journal: Option<String>,
        /// What to do with it.
        #[command(subcommand)]
        what: JournalCommand,
    },
    /// Show who had which role at which scope, why, since when and until when, as the journal knows it.
    Register {
        /// The journal, such as sqlite:/var/lib/groupsync/journal.db [env: GROUPSYNC_JOURNAL].
        #[arg(long, value_name = "URL")]
        journal: Option<String>,
        /// Only what lasted at this time, such as 2030-01-01T09:00:00Z. Without it, everything there ever was.
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Only at this customer.
        #[arg(long, value_name = "NAME")]
        customer: Option<CustomerName>,
        /// Only at this scope, below it, and above it from where a role reaches down: such as /subscriptions/ID/resourceGroups/NAME.
        #[arg(long, value_name = "SCOPE")]
        scope: Option<String>,
        /// Only this person: an address, or an object id of the partner's tenant.
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
        /// The desired-state directory, if there is one: it says what people are called.
        #[arg(long, value_name = "DIR", default_value = DIRECTORY)]
        dir: PathBuf,
        /// How to show it.
        #[arg(long, default_value = "text")]
        format: Format,
    },
    /// Watch a partner live through a day on the simulator, in virtual time. Needs no network.
    Demo {},
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man {},
}

/// What to do with a journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Check that every record is as it was written and none is missing.
    Verify {
        /// Also check that a record with this hash is among them: one that an earlier check printed.
        #[arg(long, value_name = "HASH")]
        contains: Option<String>,
    },
    /// Print every record as a line of JSON.
    Export,
    /// Show the last records.
    Show {
        /// Only those about this customer.
        #[arg(long, value_name = "NAME")]
        customer: Option<CustomerName>,
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        last: usize,
    },
}

/// How `run` keeps the tenants as the files say.
#[derive(Debug, Clone, ArgGroup)]
pub struct Keeping {
    /// The desired-state directory.
    #[arg(default_value = DIRECTORY)]
    pub dir: PathBuf,
    /// How often each customer is looked at when nothing happens.
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub interval: SignedDuration,
    /// Answer over HTTP here: /livez, /readyz and /metrics.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// What /metrics says of customers: counts only, or each by name, to whoever reaches the address.
    #[arg(long, value_name = "DETAIL", requires = "listen", default_value = "fleet")]
    pub metrics_detail: MetricsDetail,
    /// A file with the token that opens the status page and the API, both of which name people. Off without it.
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub api_token_file: Option<PathBuf>,
    /// A file with the address that news are posted to: held, failed, contested, recovered, overdue.
    #[arg(long, value_name = "FILE")]
    pub webhook_url_file: Option<PathBuf>,
    /// The address of the status page as people reach it, for links in news.
    #[arg(long, value_name = "URL", requires = "webhook_url_file")]
    pub page_url: Option<Url>,
    /// How long calls in flight may take to finish when asked to end.
    #[arg(long, value_name = "DURATION", default_value = "25s")]
    pub grace: SignedDuration,
}

/// Where to connect to and as whom.
#[derive(Debug, Clone, Default, ArgGroup)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// A YAML file of settings; flags and environment go before it.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// The login service [env: GROUPSYNC_LOGIN_URL, AZURE_AUTHORITY_HOST].
    #[arg(long, value_name = "URL")]
    pub login_url: Option<String>,
    /// Microsoft Graph [env: GROUPSYNC_GRAPH_URL].
    #[arg(long, value_name = "URL")]
    pub graph_url: Option<String>,
    /// Azure Resource Manager [env: GROUPSYNC_ARM_URL].
    #[arg(long, value_name = "URL")]
    pub arm_url: Option<String>,
    /// Certificate authorities to trust besides the machine's, as PEM [env: GROUPSYNC_CA_FILE].
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The application that acts [env: AZURE_CLIENT_ID].
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Use AZURE_CLIENT_SECRET although the services are not on this machine [env: GROUPSYNC_ALLOW_CLIENT_SECRET].
    #[arg(long)]
    pub allow_client_secret: bool,
    /// The journal, such as sqlite:/var/lib/groupsync/journal.db: what is written down there is remembered
    /// [env: GROUPSYNC_JOURNAL].
    #[arg(long, value_name = "URL")]
    pub journal: Option<String>,
}

/// What metrics say of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetricsDetail {
    /// How many, and how they stand.
    Fleet,
    /// Each of them, too, by name.
    Customers,
}

/// How to show something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How to show a plan, or what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people, at a terminal.
    Text,
    /// For programs.
    Json,
    /// For people, as a comment on a pull request: at most 60,000 characters.
    Markdown,
    /// For people, in a browser: one page with everything.
    Html,
}

/// A file that a plan or an outcome is written to besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// How.
    pub format: ReportFormat,
    /// Where.
    pub file: PathBuf,
}

impl FromStr for Artefact {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or_else(|| "a format and a file are needed, such as markdown=comment.md".to_owned())?;
        Ok(Self { format: ReportFormat::from_str(format, false)?, file: file.into() })
    }
}

/// How to show problems in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProblemFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// How to write log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The files people write.
    DesiredState,
    /// What `plan --format json` prints.
    Plan,
    /// What `apply --format json` prints.
    Outcome,
    /// What `simulate --world` reads.
    World,
}
