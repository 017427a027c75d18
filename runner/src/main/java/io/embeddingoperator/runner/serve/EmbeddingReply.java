package io.embeddingoperator.runner.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors in the form of OpenAI's reply. */
final class EmbeddingReply {
    private static final JsonFactory JSON = new JsonFactory();

    private EmbeddingReply() {}

    /** @param tokens that the model was given for all texts together */
    static byte[] json(String model, float[][] vectors, int tokens, boolean base64) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(vectors.length * vectors[0].length * Float.BYTES * 3);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int i = 0; i < vectors.length; i++) {
                json.writeStartObject();
                json.writeStringField("object", "embedding");
                json.writeNumberField("index", i);
                json.writeFieldName("embedding");
                write(vectors[i], base64, json);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("model", model);
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", tokens);
            json.writeNumberField("total_tokens", tokens);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("memory always takes bytes", e);
        }
        return bytes.toByteArray();
    }

    private static void write(float[] vector, boolean base64, JsonGenerator json) throws IOException {
        if (base64) {
            ByteBuffer floats = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            floats.asFloatBuffer().put(vector);
            json.writeBinary(floats.array());
        } else {
            json.writeStartArray();
            for (float number : vector) {
                json.writeNumber(number);
            }
            json.writeEndArray();
        }
    }
}
