package io.embeddingoperator.runner.sink.search;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Identifier;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on one column that the rows of a search must meet. It is no SQL of a person's: the column is looked up, the
 * test is one of a few, and the value travels as a parameter.
 *
 * @param text as a person wrote it
 * @param test in SQL, with a question mark for the value
 * @param value empty where the test needs none
 */
public record SearchFilter(String text, String column, String test, Optional<String> value) {
    private static final Pattern COMPARISON =
            Pattern.compile("\\s*(.+?)\\s*(!=|<>|<=|>=|=|<|>)\\s*(.*?)\\s*", Pattern.DOTALL);
    private static final Pattern NULLNESS =
            Pattern.compile("\\s*(.+?)\\s+is\\s+(not\\s+)?null\\s*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("'(?:[^']|'')*+'");

    public SearchFilter {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(column, "column");
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(value, "value");
    }

    /** @throws SpecificationException when the text is no such condition */
    public static SearchFilter parse(String text) {
        Matcher comparison = COMPARISON.matcher(text);
        if (comparison.matches()) {
            String operator = comparison.group(2).replace("!=", "<>");
            return new SearchFilter(
                    text, comparison.group(1), operator + " ?", Optional.of(unquoted(comparison.group(3))));
        }
        Matcher nullness = NULLNESS.matcher(text);
        if (nullness.matches()) {
            String test = nullness.group(2) == null ? "IS NULL" : "IS NOT NULL";
            return new SearchFilter(text, nullness.group(1), test, Optional.empty());
        }
        throw new SpecificationException(
                ("--where is '%s', which is no condition on a column: write for example lang=de, year>=2020 or"
                                + " 'lang is null', with one of =, !=, <, <=, >, >=, is null and is not null")
                        .formatted(text));
    }

    public String sql() {
        return Identifier.quote(column) + " " + test;
    }

    /** A value may stand in single quotes, as in SQL. */
    private static String unquoted(String value) {
        return QUOTED.matcher(value).matches()
                ? value.substring(1, value.length() - 1).replace("''", "'")
                : value;
    }
}
