//! What can be wrong with an MTA-STS policy.

crate::rules! { "mta-sts.policy":
    /// Nothing at all.
    EMPTY = Fail, "empty", "RFC 8461 §3.2";
    /// A web page.
    HTML = Fail, "html", "RFC 8461 §3.2";
    /// A word processor's file.
    RTF = Fail, "rtf", "RFC 8461 §3.2";
    /// The text of the DNS record.
    RECORD_TEXT = Fail, "record-text", "RFC 8461 §3.2";
    /// A site generator's header before the policy.
    FRONT_MATTER = Fail, "front-matter", "RFC 8461 §3.2";
    /// Something else that is no policy.
    FOREIGN = Fail, "foreign", "RFC 8461 §3.2";
    /// More than senders read.
    TOO_LARGE = Fail, "too-large", "RFC 8461 §3.3";

    /// An invisible mark before the first line.
    BYTE_ORDER_MARK = Fail, "byte-order-mark", "RFC 8461 §3.2";
    /// An empty line between others.
    BLANK_LINE = Fail, "blank-line", "RFC 8461 §3.2";
    /// An empty line after the last: a doubled final newline.
    BLANK_LINE_AT_END = Fail, "blank-line-at-end", "RFC 8461 §3.2";
    /// Lines that end with a carriage return alone.
    LINE_ENDING = Fail, "line-ending", "RFC 8461 §3.2";
    /// White space before a key.
    SPACE_AT_START = Fail, "space-at-start", "RFC 8461 §3.2";
    /// White space between a key and its colon.
    SPACE_BEFORE_COLON = Fail, "space-before-colon", "RFC 8461 §3.2";
    /// An equals sign instead of the colon.
    EQUALS_SIGN = Fail, "equals-sign", "RFC 8461 §3.2";
    /// A comment; there is no such thing.
    COMMENT = Fail, "comment", "RFC 8461 §3.2";
    /// A control character.
    CONTROL_CHARACTER = Fail, "control-character", "RFC 8461 §3.2";
    /// A line without a colon.
    COLON_MISSING = Fail, "colon-missing", "RFC 8461 §3.2";
    /// A key that is not allowed.
    KEY_MALFORMED = Fail, "key-malformed", "RFC 8461 §3.2";
    /// A misspelled key, so that the right one is missing.
    KEY_MISSPELLED = Fail, "key-misspelled", "RFC 8461 §3.2";
    /// A key that resembles one which is there, too.
    KEY_RESEMBLES = Notice, "key-resembles", "RFC 8461 §3.2";
    /// A key that nobody knows, and senders ignore.
    KEY_UNKNOWN = Notice, "key-unknown", "RFC 8461 §3.2";
    /// A key a second time, which senders ignore.
    KEY_REPEATED = Warning, "key-repeated", "RFC 8461 §3.2";
    /// A key without a value.
    VALUE_MISSING = Fail, "value-missing", "RFC 8461 §3.2";

    /// No version.
    VERSION_MISSING = Fail, "version-missing", "RFC 8461 §3.2";
    /// Another version than `STSv1`.
    VERSION_UNKNOWN = Fail, "version-unknown", "RFC 8461 §3.2";
    /// The version is not the first line. The standard allows it; Google's help demands the version first.
    VERSION_NOT_FIRST = Warning, "version-not-first", "RFC 8461 §3.2";
    /// No mode.
    MODE_MISSING = Fail, "mode-missing", "RFC 8461 §3.2";
    /// Another mode than the three.
    MODE_UNKNOWN = Fail, "mode-unknown", "RFC 8461 §3.2";
    /// No lifetime.
    MAX_AGE_MISSING = Fail, "max-age-missing", "RFC 8461 §3.2";
    /// A lifetime that is not a number of seconds.
    MAX_AGE_MALFORMED = Fail, "max-age-malformed", "RFC 8461 §3.2";
    /// A lifetime of more than a year.
    MAX_AGE_TOO_LONG = Fail, "max-age-too-long", "RFC 8461 §3.2";
    /// A lifetime of less than a day: whoever blocks the next fetch has nearly won.
    MAX_AGE_BELOW_DAY = Warning, "max-age-below-day", "RFC 8461 §10.2";
    /// In force for less than a week; the standard expects weeks.
    MAX_AGE_BELOW_WEEK = Notice, "max-age-below-week", "RFC 8461 §3.2";

    /// No MX host is allowed.
    MX_MISSING = Fail, "mx-missing", "RFC 8461 §3.2";
    /// The same pattern twice.
    MX_REPEATED = Notice, "mx-repeated", "RFC 8461 §3.2";
    /// Several hosts in one line.
    MX_SEVERAL = Fail, "mx-several", "RFC 8461 §3.2";
    /// The preference was copied from the MX record.
    MX_PREFERENCE = Fail, "mx-preference", "RFC 8461 §3.2";
    /// A URL or an e-mail address.
    MX_URL = Fail, "mx-url", "RFC 8461 §3.2";
    /// An IP address.
    MX_ADDRESS = Fail, "mx-address", "RFC 8461 §3.2";
    /// A final dot, as in a zone file.
    MX_TRAILING_DOT = Fail, "mx-trailing-dot", "RFC 8461 §3.2";
    /// An underscore.
    MX_UNDERSCORE = Fail, "mx-underscore", "RFC 8461 §3.2";
    /// An international name as people read it.
    MX_NOT_ASCII = Fail, "mx-not-ascii", "RFC 8461 §3.2";
    /// A star that is not the whole first label.
    MX_WILDCARD = Fail, "mx-wildcard", "RFC 8461 §4.1";
    /// `.example.com` instead of `*.example.com`.
    MX_SUFFIX = Fail, "mx-suffix", "RFC 8461 §4.1";
    /// Any other character that is not allowed.
    MX_CHARACTER = Fail, "mx-character", "RFC 8461 §3.2";
    /// A label that is empty, too long, or begins or ends with a hyphen.
    MX_LABEL = Fail, "mx-label", "RFC 8461 §3.2";

    /// Something that a guide left to fill in.
    PLACEHOLDER = Warning, "placeholder", "RFC 8461 §3.2";

    /// An MX host that no pattern covers: in enforce mode, mail to it is refused.
    MX_NOT_COVERED = Fail, "mx-not-covered", "RFC 8461 §4.1";
    /// In testing mode, an MX host that no pattern covers.
    MX_NOT_COVERED_IN_TESTING = Warning, "mx-not-covered-in-testing", "RFC 8461 §4.1";
    /// A pattern that matches no MX host.
    PATTERN_UNUSED = Notice, "pattern-unused", "RFC 8461 §4.1";

    /// The policy was served without saying what it is.
    CONTENT_TYPE_MISSING = Warning, "content-type-missing", "RFC 8461 §3.2";
    /// The policy was served as something other than plain text.
    CONTENT_TYPE_NOT_PLAIN = Warning, "content-type-not-plain", "RFC 8461 §3.2";
    /// The policy was served in an encoding that senders do not consider.
    CONTENT_TYPE_CHARSET = Notice, "content-type-charset", "RFC 8461 §3.2";
}
