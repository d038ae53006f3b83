// A real HDFS for the tests: one name node and one data node with WebHDFS. Arguments: folder, RPC port, HTTP port.
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

public class MiniHdfs {
  public static void main(String[] args) throws Exception {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, args[0]);
    conf.set("dfs.permissions.enabled", "false");
    conf.set("dfs.blocksize", "1048576");
    conf.set("dfs.namenode.fs-limits.min-block-size", "65536");
    new MiniDFSCluster.Builder(conf)
        .nameNodePort(Integer.parseInt(args[1]))
        .nameNodeHttpPort(Integer.parseInt(args[2]))
        .numDataNodes(1)
        .build()
        .waitActive();
    System.out.println("READY");
    Thread.currentThread().join();
  }
}
