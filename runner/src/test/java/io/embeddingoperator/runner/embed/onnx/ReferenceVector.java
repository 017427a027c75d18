package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A line of the reference data: what an implementation that shares no code with ours computed for a text. */
record ReferenceVector(JsonNode json) {
    static final Path FOLDER = Path.of("src/test/resources/embed");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static List<ReferenceVector> read(String file) {
        try {
            return Files.readAllLines(FOLDER.resolve(file)).stream()
                    .map(ReferenceVector::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String text() {
        return json.get("text").asText();
    }

    int[] ids() {
        return MAPPER.convertValue(json.get("token_ids"), int[].class);
    }

    boolean truncated() {
        return json.get("truncated").asBoolean();
    }

    /** Null where the model gives no finite vector. */
    float[] vector() {
        return MAPPER.convertValue(json.get("vector"), float[].class);
    }

    static double cosine(float[] a, float[] b) {
        double dot = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
        }
        return dot / Math.sqrt(UnitLength.squared(a) * UnitLength.squared(b));
    }

    private static ReferenceVector parse(String line) {
        try {
            return new ReferenceVector(MAPPER.readTree(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
