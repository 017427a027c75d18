package io.embeddingoperator.runner.source.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.Optional;

/**
 * The value of a field of a JSON object.
 *
 * @param kind what stands there
 * @param text a string as it is, everything else as its JSON text; empty where the field is missing
 */
record FieldValue(Kind kind, String text) {
    static final FieldValue MISSING = new FieldValue(Kind.MISSING, "");
    private static final FieldValue NULL = new FieldValue(Kind.NULL, "null");

    /** The kinds of values that are told apart. */
    enum Kind {
        MISSING("missing"),
        NULL("null"),
        STRING("a string"),
        WHOLE_NUMBER("a whole number"),
        FRACTION("a number with a fraction or an exponent"),
        BOOLEAN("a boolean"),
        ARRAY("an array"),
        OBJECT("an object");

        private final String description;

        Kind(String description) {
            this.description = description;
        }
    }

    /** Reads the value at which the parser stands and moves it to the value's last token. */
    static FieldValue read(JsonParser parser, JsonToken token, char[] source) throws IOException {
        return switch (token) {
            case VALUE_NULL -> NULL;
            case VALUE_STRING -> new FieldValue(Kind.STRING, parser.getText());
            case VALUE_NUMBER_INT -> new FieldValue(Kind.WHOLE_NUMBER, wholeNumber(parser.getText()));
            case VALUE_NUMBER_FLOAT -> new FieldValue(Kind.FRACTION, parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> new FieldValue(Kind.BOOLEAN, parser.getText());
            case START_ARRAY -> new FieldValue(Kind.ARRAY, nested(parser, source));
            case START_OBJECT -> new FieldValue(Kind.OBJECT, nested(parser, source));
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException(token + " cannot follow the name of a field");
        };
    }

    boolean isAbsent() {
        return kind == Kind.MISSING || kind == Kind.NULL;
    }

    boolean isNested() {
        return kind == Kind.ARRAY || kind == Kind.OBJECT;
    }

    String description() {
        return kind.description;
    }

    /** The value as JSON. */
    String json() {
        return kind == Kind.STRING
                ? '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"'
                : text;
    }

    /** The value as a key, where it can be one. */
    Optional<String> key() {
        return kind == Kind.STRING || kind == Kind.WHOLE_NUMBER ? Optional.of(text) : Optional.empty();
    }

    /** The same number always has the same text: JSON allows one other spelling, that of zero. */
    private static String wholeNumber(String text) {
        return text.equals("-0") ? "0" : text;
    }

    /** An object that began at a character of the source, and at whose end the parser stands. */
    static FieldValue object(JsonParser parser, char[] source, int from) {
        int to = (int) parser.currentLocation().getCharOffset();
        return new FieldValue(Kind.OBJECT, new String(source, from, to - from));
    }

    private static String nested(JsonParser parser, char[] source) throws IOException {
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        int to = (int) parser.currentLocation().getCharOffset();
        return new String(source, from, to - from);
    }
}
