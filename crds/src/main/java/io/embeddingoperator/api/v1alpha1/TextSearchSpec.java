package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * Words of the chunks beside their vectors: the column {@code content_search} with a GIN index, which the server fills from
 * {@code content}.
 *
 * @param config how the server finds words, by the name of one of its text search configurations, for example english, or simple for
 *     words as they are written; one outside of pg_catalog with its schema
 */
public record TextSearchSpec(
        @Required @Size(max = Limit.TABLE) @Pattern(Field.NOT_BLANK)
        String config) {
    public TextSearchSpec {
        Field.requiredText(
                config,
                "spec.sink.pgvector.textSearch.config",
                "name a text search configuration of the server, such as english or simple");
    }
}
