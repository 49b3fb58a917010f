# 준비: Colab에서는 강의 저장소를 내려받고, 다른 곳에서는 아무 일도 하지 않습니다.
import os
import sys

REPOSITORY = "https://github.com/_address-not-set_/reading-in-order"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "google.colab" in sys.modules:
    import subprocess

    if not os.path.isdir("/content/course"):
        subprocess.run(["git", "clone", "--depth=1", REPOSITORY, "/content/course"], check=True)
    os.chdir("/content/course/lessons")
    sys.path.insert(0, os.getcwd())
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-r", "colab.txt"], check=True)
