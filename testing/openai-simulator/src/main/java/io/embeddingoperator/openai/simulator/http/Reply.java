package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A reply, before anything happens to it on its way. */
record Reply(int status, Map<String, String> headers, Body body) {
    static final ObjectMapper JSON = new ObjectMapper();

    /** A body of known length, written when it is sent. */
    record Body(long length, Writer writer) {
        /** Writes all of it. */
        @FunctionalInterface
        interface Writer {
            void writeTo(OutputStream out) throws IOException;
        }

        static Body of(byte[] bytes) {
            return new Body(bytes.length, out -> out.write(bytes));
        }
    }

    static Reply json(int status, JsonNode body) {
        try {
            return of(status, "application/json", Body.of(JSON.writeValueAsBytes(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }

    static Reply text(int status, String contentType, String text) {
        return of(status, contentType, Body.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    static Reply of(int status, String contentType, Body body) {
        return new Reply(status, Map.of("content-type", contentType), body);
    }

    Reply with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Reply(status, all, body);
    }

    Reply compressed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(bytes)) {
            body.writer().writeTo(zip);
        } catch (IOException e) {
            throw new UncheckedIOException("writing into memory cannot fail", e);
        }
        return new Reply(status, headers, Body.of(bytes.toByteArray())).with(Map.of("content-encoding", "gzip"));
    }

    Reply without(String prefix) {
        Map<String, String> rest = new LinkedHashMap<>(headers);
        rest.keySet().removeIf(name -> name.startsWith(prefix));
        return new Reply(status, rest, body);
    }
}
