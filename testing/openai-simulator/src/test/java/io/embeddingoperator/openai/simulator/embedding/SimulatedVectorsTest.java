package io.embeddingoperator.openai.simulator.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedVectorsTest {
    private static final String MODEL = "text-embedding-3-small";

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 256, 1536, 3072})
    void vectorsAreUnitVectorsThatFollowFromModelAndText(int dimensions) {
        float[] vector = SimulatedVectors.vector(MODEL, "a text", dimensions);

        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
        assertThat(SimulatedVectors.vector(MODEL, "a text", dimensions)).containsExactly(vector);
        if (dimensions > 1) {
            assertThat(SimulatedVectors.vector(MODEL, "another text", dimensions))
                    .isNotEqualTo(vector);
            assertThat(SimulatedVectors.vector("text-embedding-3-large", "a text", dimensions))
                    .isNotEqualTo(vector);
        }
    }

    @Test
    void fewerDimensionsAreTheBeginningOfTheFullVectorMadeLongAgain() {
        float[] full = SimulatedVectors.vector(MODEL, "a text", 1536);
        float[] shortened = SimulatedVectors.vector(MODEL, "a text", 64);

        float factor = shortened[0] / full[0];
        for (int place = 0; place < shortened.length; place++) {
            assertThat(shortened[place]).isCloseTo(full[place] * factor, within(1e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bothFormsHoldTheSameFloats(boolean base64) throws IOException {
        // given
        long[] hashes = {TextHash.of(MODEL, "one".getBytes()), TextHash.of(MODEL, "two".getBytes())};
        EmbeddingReply reply = new EmbeddingReply(MODEL, 100, base64, hashes, 2, Optional.empty());

        // when
        JsonNode body = new ObjectMapper().readTree(written(reply));

        // then
        float[] expected = SimulatedVectors.vector(MODEL, "two", 100);
        assertThat(floats(body.path("data").path(1).path("embedding"))).containsExactly(expected);
    }

    private static float[] floats(JsonNode embedding) {
        if (embedding.isTextual()) {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(embedding.textValue()))
                    .order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(floats);
            return floats;
        }
        float[] floats = new float[embedding.size()];
        for (int place = 0; place < floats.length; place++) {
            floats[place] = embedding.get(place).floatValue();
        }
        return floats;
    }

    @ParameterizedTest
    @EnumSource(Spoil.class)
    void theLengthIsKnownBeforeAnythingIsComputed(Spoil spoil) throws IOException {
        long[] hashes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        for (int dimensions : new int[] {1, 2, 3, 64}) {
            for (boolean base64 : new boolean[] {true, false}) {
                EmbeddingReply good = new EmbeddingReply("m\"é", dimensions, base64, hashes, 99, Optional.empty());
                EmbeddingReply spoiled = good.spoiled(spoil);

                assertThat(written(good)).hasSize((int) good.length());
                assertThat(written(spoiled)).hasSize((int) spoiled.length());
            }
        }
    }

    private static byte[] written(EmbeddingReply reply) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        reply.writeTo(bytes);
        return bytes.toByteArray();
    }
}
