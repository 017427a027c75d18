package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceWindow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EveryRecordOnceTest {
    private static final String[] CHARACTERS = {"a", "é", "€", "😀", " ", "\\n", "\\\"", "\\u00e9"};
    private static final String[] LINE_ENDS = {"\n", "\r\n", "\n\n", "\r\n \r\n"};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whateverTheSplitAndWhereverItGoesOn(long seed) {
        Random random = new Random(seed);
        ReadFiles files = new ReadFiles(folder);
        List<String> written = new ArrayList<>();
        int fileCount = 1 + random.nextInt(6);
        for (int i = 0; i < fileCount; i++) {
            int compression = random.nextInt(4);
            String content = content(random, i, written);
            String path = "in/part-%d.ndjson".formatted(i);
            switch (compression) {
                case 0 -> files.write(path + ".gz", ReadFiles.gzip(content));
                case 1 -> files.write(path + ".zst", ReadFiles.zstd(content));
                default -> files.write(path, content);
            }
        }
        Source source = files.ndjson("in/*");

        List<ShardRange> ranges = source.plan(1 + random.nextInt(40));
        List<String> read = new ArrayList<>();
        for (ShardRange range : ranges) {
            List<SourceWindow> windows = ReadFiles.windows(source, range, Optional.empty());
            windows.forEach(window -> read.addAll(keys(window)));
            assertThat(windows.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(range.work());
            if (!windows.isEmpty()) {
                int gone = random.nextInt(windows.size());
                Position position = windows.get(gone).end();
                assertThat(ReadFiles.windows(source, range, Optional.of(position)))
                        .isEqualTo(windows.subList(gone + 1, windows.size()));
            }
        }

        assertThat(read).containsExactlyInAnyOrderElementsOf(written);
    }

    private static String content(Random random, int file, List<String> written) {
        StringBuilder content = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
        int records = random.nextInt(random.nextBoolean() ? 5 : 9000);
        for (int i = 0; i < records; i++) {
            String key = "%d-%d".formatted(file, i);
            written.add(key);
            content.append("{\"id\":\"").append(key).append("\",\"text\":\"x");
            int length = random.nextInt(random.nextInt(50) == 0 ? 5000 : 60);
            for (int c = 0; c < length; c++) {
                content.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
            }
            content.append("\"}");
            boolean last = i == records - 1;
            content.append(last && random.nextBoolean() ? "" : LINE_ENDS[random.nextInt(LINE_ENDS.length)]);
        }
        return content.toString();
    }

    private static List<String> keys(SourceWindow window) {
        assertThat(window.failed()).isEmpty();
        return window.documents().stream()
                .map(Document::key)
                .map(Object::toString)
                .toList();
    }
}
