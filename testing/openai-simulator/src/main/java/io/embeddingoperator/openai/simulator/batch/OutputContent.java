package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.batch.LineIndex.Lines;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingReply;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ErrorForm;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.BatchFault.SpoiledOutput.How;
import io.embeddingoperator.openai.simulator.file.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** An output or error file. Its vectors are computed whenever a client downloads it, so that it takes no room. */
final class OutputContent implements Content {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();

    private final String batch;
    private final String model;
    private final LineIndex index;
    private final List<OutputEntry> entries;
    private final List<BatchFault> faults;
    private final byte[] newline;
    private final long length;

    OutputContent(
            String batch,
            String model,
            LineIndex index,
            List<OutputEntry> entries,
            List<BatchFault> faults,
            boolean cutLast)
            throws IOException {
        this.batch = batch;
        this.model = model;
        this.index = index;
        this.entries = entries;
        this.faults = faults;
        boolean crlf = faults.contains(new BatchFault.SpoiledOutput(How.CRLF));
        this.newline = (crlf ? "\r\n" : "\n").getBytes(StandardCharsets.US_ASCII);
        Lines lines = index.load();
        long all = 0;
        long last = 0;
        for (OutputEntry entry : entries) {
            last = length(lines, entry);
            all += last;
        }
        this.length = cutLast ? all - last / 2 : all;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        Lines lines = index.load();
        long left = length;
        for (OutputEntry entry : entries) {
            long whole = length(lines, entry);
            if (whole <= left) {
                write(lines, entry, out);
            } else {
                ByteArrayOutputStream cut = new ByteArrayOutputStream();
                write(lines, entry, cut);
                out.write(cut.toByteArray(), 0, (int) left);
            }
            left -= whole;
        }
    }

    @Override
    public void discard() {
        // The index goes with the simulator.
    }

    private long length(Lines lines, OutputEntry entry) throws IOException {
        Frame frame = frame(lines.line(entry.line()), entry);
        return frame.before().length
                + frame.vectors().map(EmbeddingReply::length).orElse(0L)
                + frame.after().length
                + newline.length;
    }

    private void write(Lines lines, OutputEntry entry, OutputStream out) throws IOException {
        Frame frame = frame(lines.line(entry.line()), entry);
        out.write(frame.before());
        if (frame.vectors().isPresent()) {
            frame.vectors().get().writeTo(out);
        }
        out.write(frame.after());
        out.write(newline);
    }

    private record Frame(byte[] before, Optional<EmbeddingReply> vectors, byte[] after) {
        static Frame of(String text) {
            return new Frame(text.getBytes(StandardCharsets.UTF_8), Optional.empty(), new byte[0]);
        }
    }

    private Frame frame(BatchLine line, OutputEntry entry) throws IOException {
        return switch (entry.kind()) {
            case VECTORS -> vectors(line, line.customId(), untoldBill());
            case SPOILED_VECTORS -> vectors(line, line.customId(), Optional.of(spoil()));
            case OTHER_VECTORS -> vectors(others(line), line.customId(), Optional.empty());
            case FOREIGN -> vectors(line, "foreign-" + entry.line(), Optional.empty());
            case REFUSED -> response(line, entry, line.error().orElseThrow());
            case FAILED -> response(line, entry, failure());
            case TIMED_OUT -> unexecuted(line, entry, "request_timeout", "The request timed out.");
            case EXPIRED ->
                unexecuted(
                        line,
                        entry,
                        "batch_expired",
                        "This request could not be executed before the completion window expired.");
            case CANCELLED ->
                unexecuted(
                        line,
                        entry,
                        "batch_cancelled",
                        "This request was not executed because the batch was cancelled.");
            case GARBAGE -> Frame.of("upstream connect error or disconnect/reset before headers");
            case BLANK -> Frame.of("");
        };
    }

    private Frame vectors(BatchLine line, String customId, Optional<Spoil> spoil) throws IOException {
        boolean named = !faults.contains(new BatchFault.SpoiledOutput(How.NO_CUSTOM_IDS));
        boolean base64 = line.base64() && !faults.contains(new BatchFault.IgnoresBase64());
        String before = "{\"id\":\"batch_req_" + id(customId) + "\",\"custom_id\":"
                + JSON.writeValueAsString(named ? customId : null)
                + ",\"response\":{\"status_code\":200,\"request_id\":\"req_" + id(customId) + "\",\"body\":";
        return new Frame(
                before.getBytes(StandardCharsets.UTF_8),
                Optional.of(new EmbeddingReply(model, line.dimensions(), base64, line.hashes(), line.tokens(), spoil)),
                "},\"error\":null}".getBytes(StandardCharsets.US_ASCII));
    }

    private Optional<Spoil> untoldBill() {
        return faults.contains(new BatchFault.UntoldBill()) ? Optional.of(Spoil.UNTOLD_BILL) : Optional.empty();
    }

    private static BatchLine others(BatchLine line) {
        long[] hashes = line.hashes().clone();
        for (int place = 0; place < hashes.length; place++) {
            hashes[place] = ~hashes[place];
        }
        return new BatchLine(line.customId(), line.dimensions(), line.base64(), line.tokens(), hashes, line.error());
    }

    private Spoil spoil() {
        return faults.stream()
                .filter(BatchFault.SpoiledLines.class::isInstance)
                .map(fault -> ((BatchFault.SpoiledLines) fault).how())
                .findFirst()
                .orElseThrow();
    }

    private ApiError failure() {
        return faults.stream()
                .filter(BatchFault.LinesFail.class::isInstance)
                .map(fault -> (BatchFault.LinesFail) fault)
                .findFirst()
                .map(fails -> new ApiError(fails.status(), fails.message(), fails.code(), null, fails.code()))
                .orElseGet(() -> new ApiError(500, "The server had an error.", "server_error", null, "server_error"));
    }

    private Frame response(BatchLine line, OutputEntry entry, ApiError error) throws IOException {
        ObjectNode result = result(line, entry);
        ObjectNode response = result.putObject("response");
        response.put("status_code", error.status());
        response.put("request_id", "req_" + id(line.customId()));
        response.set("body", ErrorForm.OPENAI.body(error));
        result.putNull("error");
        return Frame.of(JSON.writeValueAsString(result));
    }

    private Frame unexecuted(BatchLine line, OutputEntry entry, String code, String message) throws IOException {
        ObjectNode result = result(line, entry);
        result.putNull("response");
        result.putObject("error").put("code", code).put("message", message);
        return Frame.of(JSON.writeValueAsString(result));
    }

    private ObjectNode result(BatchLine line, OutputEntry entry) {
        return JSON.createObjectNode()
                .put("id", "batch_req_" + id(line.customId() + entry.kind()))
                .put("custom_id", line.customId());
    }

    /** The same line has the same id in every download. */
    private String id(String customId) {
        return HEX.toHexDigits(((long) batch.hashCode() << 32) ^ customId.hashCode())
                + HEX.toHexDigits(customId.length());
    }
}
