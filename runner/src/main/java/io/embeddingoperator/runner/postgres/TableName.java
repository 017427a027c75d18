package io.embeddingoperator.runner.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table as a manifest names it. Letters keep their case, as column names in a manifest do.
 *
 * @param schema empty where the search path decides
 */
public record TableName(Optional<String> schema, String table) {
    private static final Pattern PART = Pattern.compile("\"((?:[^\"]|\"\")+)\"|([^\".]+)");

    public TableName {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
    }

    /**
     * Reads {@code table} or {@code schema.table}; a part that holds a dot or a quote stands in double quotes, as in SQL.
     *
     * @param field names the manifest's field in messages
     * @throws SpecificationException when the text has another form
     */
    public static TableName parse(String field, String text) {
        List<String> parts = new ArrayList<>();
        Matcher part = PART.matcher(text);
        int end = 0;
        while (true) {
            if (!part.find(end) || part.start() != end) {
                throw malformed(field, text);
            }
            parts.add(part.group(1) == null ? part.group(2) : part.group(1).replace("\"\"", "\""));
            end = part.end();
            if (end == text.length()) {
                break;
            }
            if (text.charAt(end) != '.') {
                throw malformed(field, text);
            }
            end++;
        }
        if (parts.size() > 2) {
            throw malformed(field, text);
        }
        parts.forEach(name -> checkName(field, text, name));
        return parts.size() == 1
                ? new TableName(Optional.empty(), parts.getFirst())
                : new TableName(Optional.of(parts.getFirst()), parts.getLast());
    }

    /** The name with every part quoted, safe inside SQL. */
    public String sql() {
        return schema.map(Identifier::quote).map(s -> s + ".").orElse("") + Identifier.quote(table);
    }

    /** As a person writes it in a manifest. */
    @Override
    public String toString() {
        return schema.map(TableName::written).map(s -> s + ".").orElse("") + written(table);
    }

    private static String written(String part) {
        return part.indexOf('.') < 0 && part.indexOf('"') < 0 ? part : Identifier.quote(part);
    }

    private static void checkName(String field, String text, String name) {
        if (name.indexOf('\0') >= 0) {
            throw new SpecificationException("%s is '%s', with a NUL character in it: leave that out"
                    .formatted(field, text.replace("\0", "\\0")));
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Identifier.MAX_BYTES) {
            throw new SpecificationException(
                    "%s is '%s', and a name has at most %d bytes in PostgreSQL, not %d: shorten it"
                            .formatted(field, text, Identifier.MAX_BYTES, bytes));
        }
    }

    private static SpecificationException malformed(String field, String text) {
        return new SpecificationException(
                "%s is '%s': write table or schema.table, with double quotes around a name that holds a dot or a quote"
                        .formatted(field, text));
    }
}
