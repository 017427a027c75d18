package io.embeddingoperator.runner.sink;

import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.state.FileReadings;
import io.embeddingoperator.runner.sink.state.KeptFiles;
import io.embeddingoperator.runner.sink.state.Plan;
import io.embeddingoperator.runner.sink.state.ReadFiles;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import io.embeddingoperator.runner.source.KnownFiles;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.StoredFile;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files that a new run leaves alone: nothing that their rows depend on has changed, and the rows are there. */
final class UnchangedFiles implements KnownFiles {
    private static final Logger LOG = LoggerFactory.getLogger(UnchangedFiles.class);

    private final SinkDatabase database;
    private final EmbeddingTable table;
    private final KeptFiles kept = new KeptFiles();
    private final Optional<FileReadings.Former> former;
    private long read;

    private UnchangedFiles(SinkDatabase database, EmbeddingTable table, Optional<FileReadings.Former> former) {
        this.database = database;
        this.table = table;
        this.former = former;
    }

    /** Plans a run, with the files in mind that the one before it has read. The caller holds the lock of the job and its table. */
    static Plan plan(
            SinkDatabase database, EmbeddingTable table, RunRequest request, Function<KnownFiles, SourcePlan> planner) {
        UnchangedFiles files = new UnchangedFiles(
                database,
                table,
                request.readingOf(Reading.Of.FILES).isEmpty()
                        ? Optional.empty()
                        : database.read(
                                "Reading which files are known",
                                connection -> FileReadings.former(connection, table.name(), request)));
        Plan plan = new Plan(planner.apply(files), files.kept);
        if (files.kept.files() > 0) {
            LOG.info(
                    "{} of {} files did not change since the last run and are not read; documents of theirs, which count as skipped: {}",
                    files.kept.files(),
                    files.kept.files() + files.read,
                    files.kept.documents());
        }
        return plan;
    }

    @Override
    public List<StoredFile> unread(List<StoredFile> files) {
        List<StoredFile> unread = former.isEmpty() ? files : unread(files, former.get());
        read += unread.size();
        return unread;
    }

    private List<StoredFile> unread(List<StoredFile> files, FileReadings.Former before) {
        List<ReadFiles.Unchanged> unchanged = database.read("Looking for files that did not change", connection -> {
            KeyedPlans.use(connection);
            return ReadFiles.unchanged(connection, table, before, files);
        });
        Set<String> paths = HashSet.newHashSet(unchanged.size());
        for (ReadFiles.Unchanged file : unchanged) {
            paths.add(file.path());
            kept.add(file.rows(), file.documents());
        }
        return files.stream().filter(file -> !paths.contains(file.path())).toList();
    }
}
