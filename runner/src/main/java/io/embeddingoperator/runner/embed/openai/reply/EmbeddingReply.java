package io.embeddingoperator.runner.embed.openai.reply;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a reply with status 200 holds.
 *
 * @param vectors in the order of the texts, null where there is no good one
 * @param billedTokens as the provider counted them, where it tells
 * @param flaw why there are not all vectors; empty where there are
 */
public record EmbeddingReply(float[][] vectors, OptionalLong billedTokens, Optional<ReplyFlaw> flaw) {
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
    public static EmbeddingReply read(byte[] body, int texts, int dimensions) {
        LineVectors vectors = new LineVectors(dimensions);
        OptionalLong billed = OptionalLong.empty();
        boolean hasData = false;
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return none(texts, billed, "the reply is no JSON object");
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
                return none(texts, billed, "the reply is no JSON object");
            }
        } catch (IOException e) {
            return none(texts, billed, "the reply is no JSON: " + firstLine(e));
        }
        return hasData
                ? new EmbeddingReply(vectors.usable(texts), billed, vectors.flaw(texts))
                : none(texts, billed, "the reply holds no vectors");
    }

    private static EmbeddingReply none(int texts, OptionalLong billed, String sentence) {
        return new EmbeddingReply(new float[texts][], billed, Optional.of(new ReplyFlaw.NoEmbeddings(sentence)));
    }

    /** {@code total_tokens}, or {@code prompt_tokens} where there is no total. */
    private static OptionalLong usage(JsonParser json) throws IOException {
        OptionalLong total = OptionalLong.empty();
        OptionalLong prompt = OptionalLong.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            // Some servers write whole numbers as 12.0. A bill below nothing is none.
            if (!json.nextToken().isNumeric() || json.getDoubleValue() < 0) {
                json.skipChildren();
            } else if (name.equals("total_tokens")) {
                total = OptionalLong.of((long) Math.ceil(json.getDoubleValue()));
            } else if (name.equals("prompt_tokens")) {
                prompt = OptionalLong.of((long) Math.ceil(json.getDoubleValue()));
            }
        }
        return total.isPresent() ? total : prompt;
    }

    /** Jackson quotes the source in further lines. */
    private static String firstLine(IOException e) {
        return Optional.ofNullable(e.getMessage())
                .flatMap(message -> message.lines().findFirst())
                .orElse("unreadable");
    }
}
