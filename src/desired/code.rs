//! The stable codes of everything `validate` can say; the reference in `desired-state/README.md` lists the same table.

use crate::desired::diagnostic::Severity;

/// A code, how bad what it stands for is, and what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `GS` and three digits. Never given to another meaning.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What it stands for, in a few words.
    pub summary: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $summary:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $summary)]
            pub(crate) const $name: Code = Code { id: $id, severity: Severity::$severity, summary: $summary };
        )*

        /// Every code, in order.
        pub const ALL: &[Code] = &[$($name),*];
    };
}

codes! {
    NO_DIRECTORY "GS001" Error "the directory cannot be read";
    NO_DOCUMENTS "GS002" Error "the directory holds no desired state";
    STRAY_FILE "GS003" Error "a file that does not belong here";
    SYMBOLIC_LINK "GS004" Error "a symbolic link";
    UNREADABLE "GS005" Error "a file cannot be read";
    TOO_LARGE "GS006" Error "a file of more than 4 MiB";
    NOT_UTF8 "GS007" Error "a file that is not UTF-8";
    BYTE_ORDER_MARK "GS008" Error "a byte order mark";
    HIDDEN_CHARACTER "GS009" Error "a control, bidirectional or zero-width character";
    EMPTY_DOCUMENT "GS010" Error "an empty document";
    EMPTY_FILE "GS011" Error "a file without a document";
    MORE_PROBLEMS "GS012" Error "more problems in a file than are shown";

    SYNTAX "GS020" Error "not YAML";
    ALIAS "GS021" Error "an anchor, alias or merge key";
    TAG "GS022" Error "a tag";
    DUPLICATE_KEY "GS023" Error "a key twice in one map";
    TOO_DEEP "GS024" Error "more than 32 levels";
    KEY_NOT_TEXT "GS025" Error "a key that is not text";
    NO_VALUE "GS026" Error "a key without a value";

    UNKNOWN_KIND "GS030" Error "an unknown or missing kind";
    UNKNOWN_VERSION "GS031" Error "an unknown or missing apiVersion";
    UNKNOWN_KEY "GS032" Error "an unknown key";
    MISSING_KEY "GS033" Error "a key that is required and not there";
    WRONG_SHAPE "GS034" Error "a list where text belongs, and the like";
    MALFORMED "GS035" Error "a malformed id, name, address, time, duration, scope or number";
    UNKNOWN_WORD "GS036" Error "a word that is none of the allowed ones";

    WRONG_PLACE "GS040" Error "a document in the wrong folder";
    FOLDER_NAME "GS041" Error "a customer called otherwise than its folder";
    DUPLICATE_NAME "GS042" Error "two documents of one kind and name";
    NOT_THERE "GS043" Error "no Partner, or no Policy";
    NOT_ALONE "GS044" Error "a second Partner, or a second Policy";

    NO_GROUP "GS050" Error "a partner group that does not exist";
    NO_TEMPLATE "GS051" Error "a template that does not exist";
    NO_CUSTOMER "GS052" Error "a customer that does not exist";
    NO_MAPPING "GS053" Error "a mapping that the customer does not have";
    NO_ROLE "GS054" Error "a role that neither Policy nor the customer lists";
    NO_SUBSCRIPTION "GS055" Error "a scope in a subscription that is not this customer's";

    NOT_STAFF "GS060" Error "an address outside the staff domains";
    TWO_IDENTITIES "GS061" Error "one address with two ids, or one id with two addresses";
    NOT_ONE_PERSON "GS062" Error "a grant that is not for exactly one person";

    SOURCE "GS070" Error "a partner group without a source, or with two";
    ROLE_TWICE "GS071" Error "two names for one role";
    THRESHOLDS "GS072" Error "numbers that contradict each other";
    ROLE_LOOKS_WRONG "GS073" Warning "a role that is not what its name or tier says";
    RESERVED_NAME "GS074" Error "a reserved name";
    TWICE_IN_LIST "GS075" Error "the same thing twice in a list";

    TENANT_TWICE "GS080" Error "two customers with one tenant";
    PARTNER_AS_CUSTOMER "GS081" Error "the partner's own tenant as a customer";
    SUBSCRIPTION_TWICE "GS082" Error "one subscription twice";
    NO_OFFBOARD "GS083" Error "offboarding without the offboard block";
    IDLE_OFFBOARD "GS084" Warning "an offboard block without effect";
    DOMAIN_TWICE "GS085" Error "two customers with one domain";
    ROLE_SHADOWS "GS086" Error "a customer's role that is one of Policy's";
    ADOPTED_TWICE "GS087" Error "one group adopted twice";

    MAPPING_TWICE "GS090" Error "one mapping from two places";
    SLUG_TWICE "GS091" Error "two mappings with equal slugs";
    SLUG_EMPTY "GS092" Error "a mapping without a letter or digit in its key";
    EXPANSION "GS093" Error "a template that does not expand to a name";
    PRIVILEGED "GS095" Error "a privileged role for memberships that do not end";
    EXPANDS_TO_NOTHING "GS096" Warning "a role at all subscriptions of a customer that lists none";

    ENDS_BEFORE_START "GS100" Error "a grant that ends before it starts";
    TOO_LONG "GS101" Error "a grant longer than Policy allows";
    OVERRIDE_SHAPE "GS102" Error "an override without the digest its place asks for";

    NOT_COMPARED "GS110" Note "no base to compare with";
    VANISHED "GS111" Error "a customer that vanished";
    TENANT_CHANGED "GS112" Error "a customer whose tenant changed";
    PARTNER_CHANGED "GS113" Error "a partner whose tenant changed";
    IDENTITY_CHANGED "GS114" Error "a mapping whose `was` was dropped or altered";
    RULES_NOT_ALONE "GS115" Error "a change of Partner or Policy together with others";
    PERHAPS_RENAMED "GS116" Warning "a mapping that went while one like it came";
    LASTS_LONGER "GS117" Warning "access that ends later than before";
}
