package io.embeddingoperator.runner.embed.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.embeddingoperator.runner.embed.openai.batch.LineVectors;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a reply with status 200 holds.
 *
 * @param vectors in the order of the texts; empty where they are not what was asked for
 * @param billedTokens as the provider counted them, where it tells
 * @param problem why there are no vectors, or null
 * @param otherDimensions the length that the vectors have where it is not the one that was asked for
 */
record EmbeddingReply(
        Optional<float[][]> vectors, OptionalLong billedTokens, String problem, OptionalLong otherDimensions) {
    /** A vector of 16,000 numbers in base64 takes 85,336 characters. */
    private static final int LONGEST_STRING = 4 * 1024 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_STRING)
                    .build())
            .build();

    /**
     * @param texts that were sent
     * @param dimensions of each vector
     */
    static EmbeddingReply read(byte[] body, int texts, int dimensions) {
        LineVectors vectors = new LineVectors(dimensions);
        OptionalLong billed = OptionalLong.empty();
        boolean hasData = false;
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return bad(billed, "the reply is no JSON object", OptionalLong.empty());
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("data") && value == JsonToken.START_ARRAY) {
                    hasData = true;
                    vectors.read(json);
                } else if (name.equals("usage") && value == JsonToken.START_OBJECT) {
                    billed = usage(json);
                } else {
                    json.skipChildren();
                }
            }
            if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
                return bad(billed, "the reply is no JSON object", OptionalLong.empty());
            }
        } catch (IOException e) {
            return bad(billed, "the reply is no JSON: " + firstLine(e), OptionalLong.empty());
        }
        String problem = hasData ? vectors.problem(texts) : "the reply holds no vectors";
        return problem == null
                ? new EmbeddingReply(Optional.of(vectors.inOrder()), billed, null, OptionalLong.empty())
                : bad(billed, problem, vectors.otherDimensions());
    }

    private static EmbeddingReply bad(OptionalLong billed, String problem, OptionalLong otherDimensions) {
        return new EmbeddingReply(Optional.empty(), billed, problem, otherDimensions);
    }

    /** {@code total_tokens}, or {@code prompt_tokens} where there is no total. */
    private static OptionalLong usage(JsonParser json) throws IOException {
        OptionalLong total = OptionalLong.empty();
        OptionalLong prompt = OptionalLong.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_NUMBER_INT || json.getLongValue() < 0) {
                // A bill below nothing is none.
                json.skipChildren();
            } else if (name.equals("total_tokens")) {
                total = OptionalLong.of(json.getLongValue());
            } else if (name.equals("prompt_tokens")) {
                prompt = OptionalLong.of(json.getLongValue());
            }
        }
        return total.isPresent() ? total : prompt;
    }

    /** Jackson quotes the source in further lines. */
    private static String firstLine(IOException e) {
        return e.getMessage().lines().findFirst().orElse("unreadable");
    }
}
