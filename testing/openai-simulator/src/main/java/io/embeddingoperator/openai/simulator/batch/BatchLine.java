package io.embeddingoperator.openai.simulator.batch;

import io.embeddingoperator.openai.simulator.error.ApiError;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a line of an input file: enough to write its line of the output.
 *
 * @param hashes of its texts, which the vectors follow from
 * @param error what it is answered in place of vectors
 */
record BatchLine(String customId, int dimensions, boolean base64, int tokens, long[] hashes, Optional<ApiError> error) {
    static BatchLine failed(String customId, ApiError error) {
        return new BatchLine(customId, 0, false, 0, new long[0], Optional.of(error));
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeUTF(customId);
        out.writeInt(dimensions);
        out.writeBoolean(base64);
        out.writeInt(tokens);
        out.writeInt(hashes.length);
        for (long hash : hashes) {
            out.writeLong(hash);
        }
        out.writeBoolean(error.isPresent());
        if (error.isPresent()) {
            ApiError refused = error.get();
            out.writeInt(refused.status());
            out.writeUTF(refused.message());
            writeText(out, refused.type());
            writeText(out, refused.param());
            writeText(out, refused.code());
        }
    }

    static BatchLine readFrom(DataInput in) throws IOException {
        String customId = in.readUTF();
        int dimensions = in.readInt();
        boolean base64 = in.readBoolean();
        int tokens = in.readInt();
        long[] hashes = new long[in.readInt()];
        for (int place = 0; place < hashes.length; place++) {
            hashes[place] = in.readLong();
        }
        Optional<ApiError> error = in.readBoolean()
                ? Optional.of(new ApiError(in.readInt(), in.readUTF(), readText(in), readText(in), readText(in)))
                : Optional.empty();
        return new BatchLine(customId, dimensions, base64, tokens, hashes, error);
    }

    private static void writeText(DataOutput out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static @Nullable String readText(DataInput in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
