package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.embeddingoperator.runner.embed.openai.reply.LineVectors;
import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What one line of results says, in OpenAI's form or Gemini's, in any order of its fields. */
final class LineParts {
    private static final int OK = 200;

    private final ToIntFunction<String> expected;
    private final LineVectors vectors;
    private @Nullable String customId;
    private boolean ofGemini;
    private boolean responded;
    private int status;
    private boolean hasVectors;
    private long tokens;
    private @Nullable String code;
    private @Nullable String message;

    LineParts(int dimensions, ToIntFunction<String> expected) {
        this.expected = expected;
        this.vectors = new LineVectors(dimensions);
    }

    /** Reads the object whose start was read. */
    void read(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "custom_id" -> customId = text(json);
                case "key" -> {
                    customId = text(json);
                    ofGemini = true;
                }
                case "response" -> readResponse(json);
                case "error" -> readError(json);
                default -> json.skipChildren();
            }
        }
    }

    ResultLine line() {
        String id = customId;
        if (id == null) {
            return new ResultLine.Garbage("it has no custom_id");
        }
        if (!responded) {
            OptionalInt refusal = ofGemini ? GoogleCode.status(code) : OptionalInt.empty();
            return refusal.isPresent()
                    ? new ResultLine.Refused(id, refusal.getAsInt(), code, message)
                    : new ResultLine.NotRun(id, code, message);
        }
        // What has a response there is good, and has no status.
        if (status != OK && !ofGemini) {
            return new ResultLine.Refused(id, status, code, message);
        }
        int wanted = expected.applyAsInt(id);
        if (wanted == 0) {
            return new ResultLine.PassedOver(id, tokens);
        }
        Optional<ReplyFlaw> flaw =
                hasVectors ? vectors.flaw(wanted) : Optional.of(new ReplyFlaw.NoEmbeddings("it holds no vectors"));
        return flaw.<ResultLine>map(found -> new ResultLine.Unusable(id, tokens, found))
                .orElseGet(() -> new ResultLine.Embedded(id, vectors.inOrder(), tokens));
    }

    private void readResponse(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        responded = true;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "status_code" -> status = json.getValueAsInt();
                case "body" -> readBody(json);
                case "embedding" -> readEmbedding(json);
                case "tokenCount" -> readTokens(json);
                case "usageMetadata" -> readUsage(json, "promptTokenCount");
                default -> json.skipChildren();
            }
        }
    }

    private void readBody(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "data" -> readData(json);
                case "usage" -> readUsage(json, "total_tokens");
                case "error" -> readError(json);
                default -> json.skipChildren();
            }
        }
    }

    private void readData(JsonParser json) throws IOException {
        boolean ofUse = customId == null || expected.applyAsInt(customId) > 0;
        if (json.currentToken() != JsonToken.START_ARRAY || !ofUse) {
            json.skipChildren();
            return;
        }
        hasVectors = true;
        vectors.read(json);
    }

    /** The only vector of a line. */
    private void readEmbedding(JsonParser json) throws IOException {
        boolean ofUse = customId == null || expected.applyAsInt(customId) > 0;
        if (json.currentToken() != JsonToken.START_OBJECT || !ofUse) {
            json.skipChildren();
            return;
        }
        hasVectors = true;
        vectors.readOnly(json);
    }

    private void readUsage(JsonParser json, String total) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean told = json.currentName().equals(total);
            json.nextToken();
            if (told) {
                readTokens(json);
            } else {
                json.skipChildren();
            }
        }
    }

    /** Google writes long numbers as texts. */
    private void readTokens(JsonParser json) throws IOException {
        tokens = Math.max(tokens, json.getValueAsLong());
        json.skipChildren();
    }

    private void readError(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "code" -> code = text(json);
                case "message" -> message = text(json);
                default -> json.skipChildren();
            }
        }
    }

    /** Null where there is none; some servers give a code as a number. */
    private static @Nullable String text(JsonParser json) throws IOException {
        if (json.currentToken().isScalarValue()) {
            return json.currentToken() == JsonToken.VALUE_NULL ? null : json.getText();
        }
        json.skipChildren();
        return null;
    }
}
