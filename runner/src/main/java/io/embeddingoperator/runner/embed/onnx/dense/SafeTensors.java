package io.embeddingoperator.runner.embed.onnx.dense;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.embed.onnx.model.FileLimits;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A small file in the format safetensors: the length of a JSON header, the header, and the numbers that it describes. */
final class SafeTensors {
    private final Path file;
    private final JsonNode header;
    private final ByteBuffer data;

    private SafeTensors(Path file, JsonNode header, ByteBuffer data) {
        this.file = file;
        this.header = header;
        this.data = data;
    }

    /** @param values row by row */
    record Tensor(int[] shape, float[] values) {}

    static SafeTensors read(Path file) {
        try {
            if (Files.size(file) > FileLimits.DENSE_BYTES) {
                throw unreadable(file, "it has more than %d bytes".formatted(FileLimits.DENSE_BYTES));
            }
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            long length = bytes.remaining() < Long.BYTES ? -1 : bytes.getLong();
            if (length < 0 || length > bytes.remaining()) {
                throw unreadable(file, "it is not in the format safetensors");
            }
            byte[] json = new byte[(int) length];
            bytes.get(json);
            return new SafeTensors(
                    file,
                    JsonMapper.builder().build().readTree(json),
                    bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
        } catch (JsonProcessingException e) {
            throw unreadable(file, "it is not in the format safetensors");
        } catch (IOException e) {
            throw unreadable(file, "it cannot be read");
        }
    }

    /** The tensor of a name; its numbers are made float32. */
    Optional<Tensor> find(String name) {
        JsonNode entry = header.path(name);
        if (entry.isMissingNode()) {
            return Optional.empty();
        }
        int[] shape = new int[entry.path("shape").size()];
        long count = 1;
        for (int i = 0; i < shape.length; i++) {
            shape[i] = entry.path("shape").path(i).asInt();
            count *= shape[i];
        }
        String type = entry.path("dtype").asText();
        long start = entry.path("data_offsets").path(0).asLong(-1);
        long bytes = entry.path("data_offsets").path(1).asLong(-1) - start;
        boolean fits = start >= 0 && count > 0 && bytes == count * bytesOf(type) && start + bytes <= data.capacity();
        if (!fits) {
            throw unreadable(file, "its header does not fit the numbers of %s".formatted(name));
        }
        return Optional.of(new Tensor(shape, floats(type, (int) start, (int) count)));
    }

    private int bytesOf(String type) {
        return switch (type) {
            case "F32" -> Float.BYTES;
            case "F16", "BF16" -> Short.BYTES;
            default -> throw unreadable(file, "it holds numbers of the type %s".formatted(type));
        };
    }

    private float[] floats(String type, int start, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case "F32" -> data.getFloat(start + i * Float.BYTES);
                case "F16" -> Float.float16ToFloat(data.getShort(start + i * Short.BYTES));
                default -> Float.intBitsToFloat(data.getShort(start + i * Short.BYTES) << Short.SIZE);
            };
        }
        return values;
    }

    private static SpecificationException unreadable(Path file, String fault) {
        return new SpecificationException(
                "the weights %s of a dense layer cannot be used (%s): copy the file that the model was published with"
                        .formatted(file, fault));
    }
}
