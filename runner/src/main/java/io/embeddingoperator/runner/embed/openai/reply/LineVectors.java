package io.embeddingoperator.runner.embed.openai.reply;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The vectors of one reply or line, by their index: base64 of little-endian floats, or arrays of numbers. */
public final class LineVectors {
    private final int dimensions;
    private float[][] byIndex = new float[4][];
    private final BitSet indexes = new BitSet();
    private int count;
    private @Nullable ReplyFlaw misplaced;
    private @Nullable ReplyFlaw spoiled;

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
                misplaced = new ReplyFlaw.NoEmbeddings("vector %d is no object".formatted(place));
                count++;
                json.skipChildren();
            }
            place++;
        }
    }

    /** Reads the object whose start was read, which holds a vector alone. */
    public void readOnly(JsonParser json) throws IOException {
        readOne(json, 0);
    }

    /** What is wrong; empty where each text has a good vector. */
    public Optional<ReplyFlaw> flaw(int wanted) {
        return placement(wanted).or(() -> Optional.ofNullable(spoiled));
    }

    /** Only where there is no {@link #flaw}. */
    public float[][] inOrder() {
        return Arrays.copyOf(byIndex, count);
    }

    /** The vectors that are good, in their places, and null elsewhere; none where it is not sure to which texts they belong. */
    public float[][] usable(int wanted) {
        return placement(wanted).isEmpty() ? Arrays.copyOf(byIndex, wanted) : new float[wanted][];
    }

    private Optional<ReplyFlaw> placement(int wanted) {
        if (count == 0) {
            return Optional.of(new ReplyFlaw.NoEmbeddings("it holds 0 vectors for %d texts".formatted(wanted)));
        }
        if (misplaced == null && count != wanted) {
            misplaced("it holds %d vectors for %d texts".formatted(count, wanted));
        }
        for (int i = 0; i < wanted && misplaced == null; i++) {
            if (!indexes.get(i)) {
                misplaced("no vector has the index %d".formatted(i));
            }
        }
        return Optional.ofNullable(misplaced);
    }

    private void readOne(JsonParser json, int place) throws IOException {
        // Servers leave out what is 0, or say nothing where the order is that of the texts.
        int index = place;
        float[] vector = null;
        boolean told = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "index" -> index = index(json, place);
                case "embedding", "values" -> {
                    told = true;
                    vector = vector(json, place);
                }
                default -> json.skipChildren();
            }
        }
        if (!told) {
            spoiled("vector %d is not there".formatted(place));
        }
        put(index, place, vector);
    }

    private static int index(JsonParser json, int place) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_NUMBER_INT -> json.getIntValue();
            case VALUE_NULL -> place;
            default -> {
                json.skipChildren();
                yield -1;
            }
        };
    }

    private void put(int index, int place, float @Nullable [] vector) {
        count++;
        if (index < 0 || index >= BatchFileLimits.LINE_INPUTS) {
            misplaced("vector %d has no index of its own".formatted(place));
            return;
        }
        if (indexes.get(index)) {
            misplaced("two vectors have the index %d".formatted(index));
        }
        indexes.set(index);
        if (index >= byIndex.length) {
            byIndex = Arrays.copyOf(
                    byIndex, Math.max(index + 1, Math.min(2 * byIndex.length, BatchFileLimits.LINE_INPUTS)));
        }
        byIndex[index] = vector;
    }

    /** Null, and a flaw noted, where it is none. */
    private float @Nullable [] vector(JsonParser json, int place) throws IOException {
        float[] vector = switch (json.currentToken()) {
            case VALUE_STRING -> fromBase64(json, place);
            case START_ARRAY -> fromNumbers(json, place);
            default -> {
                spoiled("vector %d is neither base64 nor an array".formatted(place));
                json.skipChildren();
                yield null;
            }
        };
        if (vector != null) {
            for (float value : vector) {
                if (!Float.isFinite(value)) {
                    spoiled("vector %d holds a value that is not finite".formatted(place));
                    return null;
                }
            }
        }
        return vector;
    }

    private float @Nullable [] fromBase64(JsonParser json, int place) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(json.getText());
        } catch (IllegalArgumentException e) {
            spoiled("vector %d is no base64".formatted(place));
            return null;
        }
        if (bytes.length != dimensions * Float.BYTES) {
            otherDimensions(
                    place,
                    Float.toString((float) bytes.length / Float.BYTES).replace(".0", ""),
                    bytes.length / Float.BYTES);
            return null;
        }
        float[] vector = new float[dimensions];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }

    private float @Nullable [] fromNumbers(JsonParser json, int place) throws IOException {
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
            spoiled("vector %d holds something that is no number".formatted(place));
            return null;
        }
        if (length != dimensions) {
            otherDimensions(place, Integer.toString(length), length);
            return null;
        }
        return vector;
    }

    private void otherDimensions(int place, String told, long numbers) {
        if (spoiled == null) {
            spoiled = new ReplyFlaw.OtherDimensions(
                    "vector %d has %s dimensions, not %d".formatted(place, told, dimensions), numbers);
        }
    }

    private void spoiled(String sentence) {
        if (spoiled == null) {
            spoiled = new ReplyFlaw.NoVector(sentence);
        }
    }

    private void misplaced(String sentence) {
        if (misplaced == null) {
            misplaced = new ReplyFlaw.Misplaced(sentence);
        }
    }
}
