package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.embeddingoperator.runner.embed.Surrogates;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The lines of a batch's file: one document each, with all its texts as one request.
 *
 * @param model of every line
 * @param members of every request's body that say more, by name, each value as JSON
 * @param url that every line names, with its method; empty where a line is a body alone
 * @param base64 whether vectors are asked for in base64, a quarter of the size of numbers
 * @param tokens the most of one line, over all its texts: a document of more is embedded by requests of its own
 */
public record RequestLines(String model, Map<String, String> members, Optional<String> url, boolean base64, int tokens)
        implements BatchLines {
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    public RequestLines {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(members, "members");
        Objects.requireNonNull(url, "url");
    }

    @Override
    public void write(OutputStream out, String customId, List<String> inputs) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("custom_id", customId);
            if (url.isPresent()) {
                json.writeStringField("method", "POST");
                json.writeStringField("url", url.get());
            }
            json.writeObjectFieldStart("body");
            json.writeStringField("model", model);
            for (Map.Entry<String, String> member : members.entrySet()) {
                json.writeFieldName(member.getKey());
                json.writeRawValue(member.getValue());
            }
            json.writeStringField("encoding_format", base64 ? "base64" : "float");
            json.writeArrayFieldStart("input");
            for (String input : inputs) {
                json.writeString(Surrogates.wellFormed(input));
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
        }
        out.write('\n');
    }
}
