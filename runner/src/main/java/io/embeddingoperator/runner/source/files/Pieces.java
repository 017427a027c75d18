package io.embeddingoperator.runner.source.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.source.ShardRange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The pieces of one shard in the order in which they are read. The definition of a {@link ShardRange} is their blocks, compressed and in
 * Base64, or JSON where an earlier release planned the run.
 */
record Pieces(List<Piece> pieces) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String IN_BLOCKS = "blocks:";

    Pieces {
        pieces = PieceList.of(pieces);
    }

    ShardRange toRange(int shard) {
        long bytes = pieces.stream().mapToLong(Piece::bytes).sum();
        return new ShardRange(shard, IN_BLOCKS + compressed(PieceList.of(pieces).blocks()), bytes);
    }

    static Pieces of(ShardRange range) {
        String definition = range.definition();
        try {
            return definition.startsWith(IN_BLOCKS)
                    ? new Pieces(PieceList.ofBlocks(decompressed(definition.substring(IN_BLOCKS.length()))))
                    : JSON.readValue(definition, Pieces.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the definition of shard %d is not one of pieces of files".formatted(range.shard()), e);
        }
    }

    private static String compressed(List<byte[]> blocks) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(
                new DeflaterOutputStream(Base64.getEncoder().wrap(text)))) {
            out.writeInt(blocks.size());
            for (byte[] block : blocks) {
                out.writeInt(block.length);
                out.write(block);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing into memory cannot fail", e);
        }
        return text.toString(StandardCharsets.US_ASCII);
    }

    private static List<byte[]> decompressed(String text) {
        List<byte[]> blocks = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(
                Base64.getDecoder().wrap(new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))))) {
            for (int left = in.readInt(); left > 0; left--) {
                blocks.add(in.readNBytes(in.readInt()));
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("a plan that was written whole can be read", e);
        }
        return blocks;
    }
}
