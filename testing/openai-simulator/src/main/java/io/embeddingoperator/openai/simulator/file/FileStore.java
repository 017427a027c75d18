package io.embeddingoperator.openai.simulator.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of all accounts. What has expired is not there any more. */
public final class FileStore {
    private final Map<String, StoredFile> files = new LinkedHashMap<>();

    public synchronized void add(StoredFile file) {
        files.put(file.id(), file);
    }

    public synchronized Optional<StoredFile> find(String organization, String id, Instant now) {
        expire(now);
        return Optional.ofNullable(files.get(id))
                .filter(file -> file.organization().equals(organization));
    }

    /** Oldest first. */
    public synchronized List<StoredFile> all(Instant now) {
        expire(now);
        return List.copyOf(files.values());
    }

    public synchronized boolean delete(String organization, String id, Instant now) {
        Optional<StoredFile> file = find(organization, id, now);
        file.ifPresent(this::drop);
        return file.isPresent();
    }

    private void expire(Instant now) {
        new ArrayList<>(files.values())
                .stream().filter(file -> !file.expiresAt().isAfter(now)).forEach(this::drop);
    }

    private void drop(StoredFile file) {
        files.remove(file.id());
        try {
            file.content().discard();
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file.id() + " cannot be deleted", e);
        }
    }
}
