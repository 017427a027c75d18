package io.embeddingoperator.runner.embed.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The body of a request for vectors. Texts are sent as strings: token arrays would save the server a moment's work, and not
 * every server reads them.
 *
 * @param dimensions null where they are not asked for
 */
record EmbeddingRequest(String model, Integer dimensions, boolean base64) {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    EmbeddingRequest withNumbers() {
        return new EmbeddingRequest(model, dimensions, false);
    }

    byte[] body(List<String> texts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(body)) {
            json.writeStartObject();
            json.writeStringField("model", model);
            if (dimensions != null) {
                json.writeNumberField("dimensions", dimensions);
            }
            json.writeStringField("encoding_format", base64 ? "base64" : "float");
            json.writeArrayFieldStart("input");
            for (String text : texts) {
                json.writeString(text);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing into memory cannot fail", e);
        }
        return body.toByteArray();
    }
}
