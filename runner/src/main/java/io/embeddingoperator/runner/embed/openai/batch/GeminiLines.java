package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.embeddingoperator.runner.embed.Surrogates;
import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/**
 * The lines of Gemini's batches: one text each, which names its document and its place there. The batch names the model.
 *
 * @param members of every request that say more, by name, each value as JSON
 */
record GeminiLines(Map<String, String> members) implements BatchLines {
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();

    GeminiLines {
        members = Map.copyOf(members);
    }

    /** Its texts are in requests of their own. */
    @Override
    public int tokens() {
        return BatchFileLimits.LINE_TOKENS;
    }

    @Override
    public void write(OutputStream out, String customId, List<String> inputs) throws IOException {
        for (int place = 0; place < inputs.size(); place++) {
            try (JsonGenerator json = JSON.createGenerator(out)) {
                json.writeStartObject();
                json.writeStringField("key", CustomId.ofText(customId, place));
                json.writeObjectFieldStart("request");
                for (Map.Entry<String, String> member : members.entrySet()) {
                    json.writeFieldName(member.getKey());
                    json.writeRawValue(member.getValue());
                }
                json.writeObjectFieldStart("content");
                json.writeArrayFieldStart("parts");
                json.writeStartObject();
                json.writeStringField("text", Surrogates.wellFormed(inputs.get(place)));
                json.writeEndObject();
                json.writeEndArray();
                json.writeEndObject();
                json.writeEndObject();
                json.writeEndObject();
            }
            out.write('\n');
        }
    }
}
