package io.embeddingoperator.runner.embed.openai.batch;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalLong;

/** The vectors of one reply or line, by their index: base64 of little-endian floats, or arrays of numbers. */
public final class LineVectors {
    private final int dimensions;
    private float[][] byIndex = new float[4][];
    private int count;
    private String problem;
    private OptionalLong otherDimensions = OptionalLong.empty();

    public LineVectors(int dimensions) {
        this.dimensions = dimensions;
    }

    /** Reads the array whose start was read. */
    public void read(JsonParser json) throws IOException {
        int place = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == null) {
                return;
            }
            if (json.currentToken() == JsonToken.START_OBJECT) {
                readOne(json, place);
            } else {
                note("vector %d is no object".formatted(place));
                json.skipChildren();
            }
            place++;
        }
    }

    /** What is wrong, or null where each index has a good vector. */
    public String problem(int wanted) {
        if (problem != null) {
            return problem;
        }
        if (count != wanted) {
            return "it holds %d vectors for %d texts".formatted(count, wanted);
        }
        for (int i = 0; i < wanted; i++) {
            if (i >= byIndex.length || byIndex[i] == null) {
                return "no vector has the index %d".formatted(i);
            }
        }
        return null;
    }

    /** The length of a vector that has another one than was asked for. */
    public OptionalLong otherDimensions() {
        return otherDimensions;
    }

    /** Only where there is no {@link #problem}. */
    public float[][] inOrder() {
        return Arrays.copyOf(byIndex, count);
    }

    private void readOne(JsonParser json, int place) throws IOException {
        int index = -1;
        float[] vector = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "index" -> index = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : -1;
                case "embedding" -> vector = vector(json, place);
                default -> json.skipChildren();
            }
        }
        count++;
        if (index < 0 || index >= BatchFileLimits.LINE_INPUTS) {
            note("vector %d has no index of its own".formatted(place));
        } else if (vector != null) {
            put(index, vector);
        }
    }

    private void put(int index, float[] vector) {
        if (index >= byIndex.length) {
            byIndex = Arrays.copyOf(
                    byIndex, Math.max(index + 1, Math.min(2 * byIndex.length, BatchFileLimits.LINE_INPUTS)));
        }
        if (byIndex[index] != null) {
            note("two vectors have the index %d".formatted(index));
        }
        byIndex[index] = vector;
    }

    /** Null, and a problem noted, where it is none. */
    private float[] vector(JsonParser json, int place) throws IOException {
        float[] vector = switch (json.currentToken()) {
            case VALUE_STRING -> fromBase64(json, place);
            case START_ARRAY -> fromNumbers(json, place);
            default -> {
                note("vector %d is neither base64 nor an array".formatted(place));
                json.skipChildren();
                yield null;
            }
        };
        if (vector != null) {
            for (float value : vector) {
                if (!Float.isFinite(value)) {
                    note("vector %d holds a value that is not finite".formatted(place));
                }
            }
        }
        return vector;
    }

    private float[] fromBase64(JsonParser json, int place) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(json.getText());
        } catch (IllegalArgumentException e) {
            note("vector %d is no base64".formatted(place));
            return null;
        }
        if (bytes.length != dimensions * Float.BYTES) {
            otherDimensions = OptionalLong.of(bytes.length / Float.BYTES);
            note("vector %d has %s dimensions, not %d"
                    .formatted(
                            place,
                            Float.toString((float) bytes.length / Float.BYTES).replace(".0", ""),
                            dimensions));
            return null;
        }
        float[] vector = new float[dimensions];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }

    private float[] fromNumbers(JsonParser json, int place) throws IOException {
        float[] vector = new float[dimensions];
        int length = 0;
        boolean numbers = true;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == null) {
                return null;
            }
            if (!json.currentToken().isNumeric()) {
                numbers = false;
                json.skipChildren();
            } else if (length < dimensions) {
                vector[length] = json.getFloatValue();
            }
            length++;
        }
        if (!numbers) {
            note("vector %d holds something that is no number".formatted(place));
            return null;
        }
        if (length != dimensions) {
            otherDimensions = OptionalLong.of(length);
            note("vector %d has %d dimensions, not %d".formatted(place, length, dimensions));
            return null;
        }
        return vector;
    }

    private void note(String sentence) {
        if (problem == null) {
            problem = sentence;
        }
    }
}
