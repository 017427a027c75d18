package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.embeddingoperator.runner.embed.openai.reply.LineVectors;
import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.io.IOException;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** What one line of results says, collected in the order in which its fields come. */
final class LineParts {
    private static final int OK = 200;

    private final ToIntFunction<String> expected;
    private final LineVectors vectors;
    private String customId;
    private boolean responded;
    private int status;
    private boolean hasVectors;
    private long tokens;
    private String code;
    private String message;

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
                case "response" -> readResponse(json);
                case "error" -> readError(json);
                default -> json.skipChildren();
            }
        }
    }

    ResultLine line() {
        if (customId == null) {
            return new ResultLine.Garbage("it has no custom_id");
        }
        if (!responded) {
            return new ResultLine.NotRun(customId, code, message);
        }
        if (status != OK) {
            return new ResultLine.Refused(customId, status, code, message);
        }
        int wanted = expected.applyAsInt(customId);
        if (wanted == 0) {
            return new ResultLine.PassedOver(customId, tokens);
        }
        Optional<ReplyFlaw> flaw =
                hasVectors ? vectors.flaw(wanted) : Optional.of(new ReplyFlaw.NoEmbeddings("it holds no vectors"));
        return flaw.<ResultLine>map(found -> new ResultLine.Unusable(customId, tokens, found))
                .orElseGet(() -> new ResultLine.Embedded(customId, vectors.inOrder(), tokens));
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
                case "usage" -> readUsage(json);
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

    private void readUsage(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean total = json.currentName().equals("total_tokens");
            json.nextToken();
            if (total && json.getValueAsLong() >= 0) {
                tokens = json.getValueAsLong();
            } else {
                json.skipChildren();
            }
        }
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
    private static String text(JsonParser json) throws IOException {
        if (json.currentToken().isScalarValue()) {
            return json.currentToken() == JsonToken.VALUE_NULL ? null : json.getText();
        }
        json.skipChildren();
        return null;
    }
}
