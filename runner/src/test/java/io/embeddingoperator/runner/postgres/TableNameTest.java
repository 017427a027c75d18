package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TableNameTest {
    private static final String FIELD = "spec.source.postgres.table";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            articles                | "articles"               | articles
            public.articles         | "public"."articles"      | public.articles
            Public.My Articles      | "Public"."My Articles"   | Public.My Articles
            "v1.2"."a""b"           | "v1.2"."a""b"            | "v1.2"."a""b"
            "public".articles       | "public"."articles"      | public.articles
            a;DROP TABLE b          | "a;DROP TABLE b"         | a;DROP TABLE b
            """)
    void readsPartsAndQuotesThemForSql(String text, String sql, String shown) {
        TableName name = TableName.parse(FIELD, text);

        assertThat(name.sql()).isEqualTo(sql);
        assertThat(name).hasToString(shown);
        assertThat(TableName.parse(FIELD, name.toString())).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b.c", ".a", "a.", "a..b", "\"a", "\"\"", "a\"b", "\"a\"b", "."})
    void anyOtherFormIsRefused(String text) {
        assertThatThrownBy(() -> TableName.parse(FIELD, text))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.postgres.table is '%s': write table or schema.table, with double quotes around"
                                .formatted(text)
                        + " a name that holds a dot or a quote");
    }

    @Test
    void lengthCountsInBytesAsTheServerDoes() {
        String longest = "é".repeat(31) + "x";
        assertThat(TableName.parse(FIELD, longest).table()).isEqualTo(longest);

        assertThatThrownBy(() -> TableName.parse(FIELD, "s." + "é".repeat(32)))
                .hasMessage(
                        "spec.source.postgres.table is 's.%s', and a name has at most 63 bytes in PostgreSQL, not 64:"
                                        .formatted("é".repeat(32))
                                + " shorten it");
    }

    @Test
    void nulIsRefused() {
        assertThatThrownBy(() -> TableName.parse(FIELD, "a\0b"))
                .hasMessage("spec.source.postgres.table is 'a\\0b', with a NUL character in it: leave that out");
    }
}
