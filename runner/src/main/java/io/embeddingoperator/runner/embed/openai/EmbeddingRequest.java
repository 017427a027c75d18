package io.embeddingoperator.runner.embed.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.embeddingoperator.runner.embed.openai.server.VectorForm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The body of a request for vectors. Texts are sent as strings: token arrays would save the server a moment's work, and not
 * every server reads them.
 *
 * @param members of the body that say more, by name, each value as JSON
 * @param form in which vectors are asked for
 */
record EmbeddingRequest(String model, Map<String, String> members, VectorForm form) {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    EmbeddingRequest withNumbers() {
        return new EmbeddingRequest(model, members, VectorForm.NUMBERS);
    }

    byte[] body(List<String> texts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(body)) {
            json.writeStartObject();
            json.writeStringField("model", model);
            for (Map.Entry<String, String> member : members.entrySet()) {
                json.writeFieldName(member.getKey());
                json.writeRawValue(member.getValue());
            }
            if (form.encodingFormat().isPresent()) {
                json.writeStringField("encoding_format", form.encodingFormat().get());
            }
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
